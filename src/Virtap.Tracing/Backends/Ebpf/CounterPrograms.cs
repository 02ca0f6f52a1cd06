using Virtap.Bpf.Instructions;
using Virtap.Bpf.Kernel;
using Virtap.Bpf.Links;
using Virtap.Bpf.Maps;
using Virtap.Bpf.Programs;
using Virtap.Bpf.Specs;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Probes;
using static Virtap.Bpf.Instructions.BpfRegister;

namespace Virtap.Tracing.Backends.Ebpf;

/// <summary>
/// The counters that handlers read (<c>@perf</c>). The kernel counts for each processor; what of that was a thread's is added up where a
/// processor goes from one thread to the next: so threads count that come to be later, and a handler has its own thread's count at once.
/// Of a counter that is of no process, a handler reads its processor's.
/// </summary>
internal sealed class CounterPrograms : IDisposable
{
    /// <summary>BPF_F_CURRENT_CPU: the event of the processor that runs the program.</summary>
    private const long ThisProcessor = 0xffffffff;

    /// <summary>Words of scratch that <see cref="EmitRead"/> takes.</summary>
    public const int Words = 4;

    private const int SumWord = 0, ThreadWord = 1, IndexWord = 2, SinceWord = 3, Attempts = 3;

    private const int MaxErrno = 4095, Thread = -8, Value = -16, Index = -24;

    private readonly IReadOnlyList<SampleTarget> _counters;
    private readonly List<BpfMap> _maps = [];
    private readonly List<(BpfProgram Program, string Tracepoint)> _programs = [];
    private readonly List<IDisposable> _links = [];

    /// <summary>Makes the maps, and has the programs verified.</summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public CounterPrograms(IReadOnlyList<SampleTarget> counters)
    {
        _counters = counters;
        try
        {
            _maps.AddRange(MapsOf(counters).Select(BpfMap.Create));
            for (int i = 0; i < counters.Count; i++)
            {
                if (!IsOfThreads(counters[i]))
                    continue;
                _programs.Add((BpfProgram.Load(Switch(i), _maps), "sched_switch"));
                _programs.Add((BpfProgram.Load(Birth(i), _maps), "task_newtask"));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The maps, for the programs of handlers.</summary>
    public IReadOnlyList<BpfMap> Maps => _maps;

    /// <summary>The maps that the counters of a program take.</summary>
    public static IReadOnlyList<MapSpec> MapsOf(IReadOnlyList<SampleTarget> counters)
    {
        var maps = new List<MapSpec>();
        for (int i = 0; i < counters.Count; i++)
        {
            maps.Add(Events(i));
            if (IsOfThreads(counters[i]))
                maps.AddRange([Since(i), Spent(i)]);
        }

        return maps;
    }

    /// <summary>From now on they count.</summary>
    /// <exception cref="BpfException">The kernel refused, or has no such event.</exception>
    public void Attach()
    {
        var counting = new List<PerfCounter>();
        for (int i = 0; i < _counters.Count; i++)
        {
            BpfMap events = _maps.First(map => map.Spec.Name == Events(i).Name);
            var counter = new PerfCounter(events, _counters[i].Hook.Type, _counters[i].Hook.Config);
            _links.Add(counter);
            counting.Add(counter);
        }

        foreach ((BpfProgram program, string tracepoint) in _programs)
            _links.Add(RawTracepointLink.Attach(program, tracepoint));
        counting.ForEach(static counter => counter.Start());
    }

    /// <summary>They do not count any more.</summary>
    public void Detach()
    {
        _links.ForEach(static link => link.Dispose());
        _links.Clear();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Detach();
        _programs.ForEach(static each => each.Program.Dispose());
        _maps.ForEach(static map => map.Dispose());
    }

    /// <summary>R0 = what a counter says to the thread that runs the program.</summary>
    /// <param name="code">The program.</param>
    /// <param name="number">The counter's number.</param>
    /// <param name="counter">The counter.</param>
    /// <param name="pointTo">Has the address of one of <see cref="Words"/> words of scratch put into a register.</param>
    /// <param name="failed">Where it goes on with the kernel's error, negative, in R0.</param>
    public static void EmitRead(
        BpfAssembler code, int number, SampleTarget counter, Action<BpfRegister, int> pointTo, BpfLabel failed)
    {
        if (!IsOfThreads(counter))
        {
            EmitCount(code, number, failed);
            return;
        }

        BpfLabel done = code.NewLabel();
        code.Call(BpfHelper.GetCurrentPidTgid);
        code.Alu32(BpfAluOperator.Move, R0, R0);
        Set(ThreadWord);
        code.Move(R0, 0);
        Set(IndexWord);
        // The thread may lose the processor meanwhile, and find another count there.
        for (int n = 0; n < Attempts; n++)
        {
            Look(Since(number), IndexWord);
            Set(SinceWord);
            Look(Spent(number), ThreadWord);
            Set(SumWord);
            EmitCount(code, number, failed);
            Get(R2, SinceWord);
            code.Alu(BpfAluOperator.Subtract, R0, R2);
            Get(R2, SumWord);
            code.Alu(BpfAluOperator.Add, R0, R2);
            Set(SumWord);
            Look(Since(number), IndexWord);
            Get(R2, SinceWord);
            code.Jump(BpfCondition.Equal, R0, R2, done);
        }

        code.Bind(done);
        Get(R0, SumWord);

        void Set(int word)
        {
            pointTo(R1, word);
            code.Store(BpfSize.Double, R1, 0, R0);
        }

        void Get(BpfRegister destination, int word)
        {
            pointTo(R1, word);
            code.Load(BpfSize.Double, destination, R1, 0);
        }

        // R0 = the value that a map has by a word, or 0.
        void Look(MapSpec map, int word)
        {
            BpfLabel none = code.NewLabel();
            code.LoadMap(R1, map.Name);
            pointTo(R2, word);
            code.Call(BpfHelper.MapLookupElem);
            code.Jump(BpfCondition.Equal, R0, 0, none);
            code.Load(BpfSize.Double, R0, R0, 0);
            code.Bind(none);
        }
    }

    private static bool IsOfThreads(SampleTarget counter) => counter.Filter is not null;

    private static MapSpec Events(int number) =>
        new($"counter_{number}", BpfMapType.PerfEventArray, 4, 4, (uint)Math.Max(Environment.ProcessorCount, 1024));

    private static MapSpec Since(int number) => new($"since_{number}", BpfMapType.PerCpuArray, 4, 8, 1);

    /// <summary>By thread. Of more threads than there is room for, those that have not run for longest begin anew.</summary>
    private static MapSpec Spent(int number) => new($"spent_{number}", BpfMapType.LruHash, 8, 8, 1 << 16);

    /// <summary>R0 = the count of this processor.</summary>
    private static void EmitCount(BpfAssembler code, int number, BpfLabel failed)
    {
        code.LoadMap(R1, Events(number).Name);
        code.LoadConstant(R2, ThisProcessor);
        code.Call(BpfHelper.PerfEventRead);
        code.Move(R1, R0);
        code.Alu(BpfAluOperator.Add, R1, MaxErrno);
        code.Jump(BpfCondition.Less, R1, MaxErrno, failed);
    }

    /// <summary>sched_switch: what has been counted since the last one is the thread's that goes.</summary>
    private static ProgramSpec Switch(int number)
    {
        var code = new BpfAssembler($"counter_switch_{number}", BpfProgramKind.RawTracepoint);
        BpfLabel end = code.NewLabel(), first = code.NewLabel();
        EmitCount(code, number, end);
        code.Move(R6, R0);
        code.Store(BpfSize.Double, R10, Index, 0);
        code.LoadMap(R1, Since(number).Name);
        code.PointToStack(R2, Index);
        code.Call(BpfHelper.MapLookupElem);
        code.Jump(BpfCondition.Equal, R0, 0, end);
        code.Load(BpfSize.Double, R1, R0, 0);
        code.Store(BpfSize.Double, R0, 0, R6);
        code.Alu(BpfAluOperator.Subtract, R6, R1);
        code.Call(BpfHelper.GetCurrentPidTgid);
        code.Alu32(BpfAluOperator.Move, R0, R0);
        // A processor that has nothing to do.
        code.Jump(BpfCondition.Equal, R0, 0, end);
        code.Store(BpfSize.Double, R10, Thread, R0);
        code.LoadMap(R1, Spent(number).Name);
        code.PointToStack(R2, Thread);
        code.Call(BpfHelper.MapLookupElem);
        code.Jump(BpfCondition.Equal, R0, 0, first);
        // No other processor runs this thread.
        code.Load(BpfSize.Double, R1, R0, 0);
        code.Alu(BpfAluOperator.Add, R1, R6);
        code.Store(BpfSize.Double, R0, 0, R1);
        code.Jump(end);
        code.Bind(first);
        code.Store(BpfSize.Double, R10, Value, R6);
        code.LoadMap(R1, Spent(number).Name);
        code.PointToStack(R2, Thread);
        code.PointToStack(R3, Value);
        code.Move(R4, 0);
        code.Call(BpfHelper.MapUpdateElem);
        return code.BuildEndingAt(end);
    }

    /// <summary>task_newtask(task, ...): an id that another thread has had begins anew.</summary>
    private static ProgramSpec Birth(int number)
    {
        var code = new BpfAssembler($"counter_birth_{number}", BpfProgramKind.RawTracepoint);
        BpfLabel end = code.NewLabel();
        code.Load(BpfSize.Double, R6, R1, 0);
        code.Store(BpfSize.Double, R10, Thread, 0);
        code.CopyMember(R6, "task_struct", "pid", Thread, sizeof(int));
        code.LoadMap(R1, Spent(number).Name);
        code.PointToStack(R2, Thread);
        code.Call(BpfHelper.MapDeleteElem);
        return code.BuildEndingAt(end);
    }
}
