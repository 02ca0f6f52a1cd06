using System.Text;
using Virtap.Bpf.Features;
using Virtap.Bpf.Links;
using Virtap.Bpf.Maps;
using Virtap.Bpf.Programs;
using Virtap.Bpf.Tests.Support;
using Virtap.Tracing.Backends.Ebpf;
using Virtap.Tracing.Backends.Ebpf.Emission;
using Virtap.Tracing.Backends.InProcess;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Probes;
using Virtap.Tracing.Runtime;
using Virtap.Tracing.Tests.Backends.InProcess;

namespace Virtap.Tracing.Tests.Lowering;

/// <summary>
/// A session in small: begin, so many calls of <c>subject</c>, end, and the globals that are never read. The calls run in this process,
/// or in the kernel in a real program's threads.
/// </summary>
internal sealed class ScriptRun : IDisposable
{
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly LoweredProgram _program;
    private readonly FlatMemory _memory;
    private readonly RecordPrinter _printer;
    private readonly OutputWriter _writer;
    private readonly Evaluator _evaluator;

    private ScriptRun(LoweredProgram program, FlatMemory memory)
    {
        _program = program;
        _memory = memory;
        _writer = new OutputWriter(bytes => _output.Append(Encoding.UTF8.GetString(bytes)));
        _printer = new RecordPrinter(program, _writer, new OutputWriter(bytes => _errors.Append(Encoding.UTF8.GetString(bytes))));
        _evaluator = new Evaluator(program, memory, _printer);
        memory.Initialize(program.Initial);
    }

    public void Dispose() => _writer.Dispose();

    /// <summary>Runs everything in this process.</summary>
    public static (string Output, string Errors) Evaluate(LoweredProgram program, int calls = 1)
    {
        using var memory = new PrivateMemory(program.Layout);
        using var run = new ScriptRun(program, memory.View);
        return run.Run(() =>
        {
            LoweredHandler[] subjects = [.. run.Subjects()];
            for (int n = 0; n < calls; n++)
            {
                foreach (LoweredHandler subject in subjects)
                    run.Evaluate(subject, new EvaluatorRun.Call(n));
            }
        });
    }

    /// <summary>Runs the calls in so many threads of a real program.</summary>
    public static unsafe (string Output, string Errors) Trace(LoweredProgram program, int calls = 1, int threads = 1)
    {
        RealKernel.Require();
        var maps = ProgramEmitter.Maps(program.Layout, 1 << 20);
        using var memory = SharedMemoryMap.Create(maps[0]);
        using var ring = RingBufferReader.Create(maps[1]);
        fixed (byte* address = memory.Span)
        {
            using var run = new ScriptRun(program, new FlatMemory(address, program.Layout));
            return run.Run(() =>
            {
                using var target = Target.Start(threads, calls);
                var links = new List<IDisposable>();
                foreach (LoweredHandler subject in run.Subjects())
                {
                    EmitResult emitted = ProgramEmitter.Emit(program, subject, EmitOptions());
                    Assert.Null(emitted.Unsupported);
                    var loaded = BpfProgram.Load(emitted.Program!, [memory.Map, ring.Map]);
                    links.Add(UprobeMultiLink.Attach(loaded, Target.ProgramPath, [new UprobeAttachPoint(target.WorkOffset)]));
                    links.Add(loaded);
                }

                target.Run();
                links.ForEach(link => link.Dispose());
                ring.Drain(record => run._printer.Write(record));
            });
        }
    }

    public static EmitOptions EmitOptions()
    {
        KernelFeatures features = KernelFeatures.Current;
        return new EmitOptions { Architecture = Binaries.Architecture.X64, HasPreemptionControl = features.PreemptionControl.Present };
    }

    private IEnumerable<LoweredHandler> Subjects() => _program.Handlers.Where(handler => handler.Targets[0] is ScriptTargets.Call);

    private (string Output, string Errors) Run(Action calls)
    {
        Lifecycle(LifecycleEvent.Begin);
        ref long state = ref _memory.Word(SessionCells.State);
        if (state == (long)SessionState.Starting)
        {
            state = (long)SessionState.Running;
            calls();
        }

        Lifecycle(state == (long)SessionState.Failed ? LifecycleEvent.Error : LifecycleEvent.End);
        GlobalPrinter.Print(_memory, _program.Layout, _program.Globals, _writer);
        _writer.Flush();
        return (_output.ToString(), _errors.ToString());
    }

    private void Lifecycle(LifecycleEvent @event)
    {
        foreach (LoweredHandler handler in _program.Handlers)
        {
            if (handler.Targets[0] is LifecycleTarget target && target.Event == @event)
                Evaluate(handler, OwnContext.Instance);
        }
    }

    private void Evaluate(LoweredHandler handler, IExecutionContext context) => _evaluator.Run(handler, context);
}
