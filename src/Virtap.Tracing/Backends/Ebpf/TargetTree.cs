using Virtap.Bpf.Instructions;
using Virtap.Bpf.Kernel;
using Virtap.Bpf.Links;
using Virtap.Bpf.Maps;
using Virtap.Bpf.Programs;
using Virtap.Bpf.Specs;
using Virtap.Processes;
using Virtap.Tracing.Probes;
using static Virtap.Bpf.Instructions.BpfRegister;

namespace Virtap.Tracing.Backends.Ebpf;

/// <summary>
/// The processes of the session's target, which handlers ask for: itself and all that descend from it, also those whose parents have ended.
/// A table by process id that programs on the kernel's trace points keep as processes come and go, before any of these does anything.
/// </summary>
internal sealed class TargetTree : IDisposable
{
    /// <summary>The table: ids to nothing of interest. Of more processes at once the last ones are not followed.</summary>
    public static readonly MapSpec Table = new("tree", BpfMapType.Hash, 8, 8, 1 << 16);

    private const int Id = -8, Value = -16, Pointer = -24;

    private readonly BpfMap _table = BpfMap.Create(Table);
    private readonly List<(BpfProgram Program, string Tracepoint)> _programs = [];
    private readonly List<BpfLink> _links = [];

    /// <summary>Makes the table, and has the programs verified.</summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public TargetTree()
    {
        try
        {
            _programs.Add((BpfProgram.Load(Fork(), [_table]), "sched_process_fork"));
            _programs.Add((BpfProgram.Load(Exit(), [_table]), "sched_process_exit"));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The table, for the programs of handlers.</summary>
    public BpfMap Map => _table;

    /// <summary>Whether one of a session's targets asks for it.</summary>
    public static bool IsAsked(IEnumerable<Ir.LoweredHandler> handlers, EbpfOptions options) =>
        handlers.Any(each => each.Targets is [HandledTarget { Filter.IsOfTarget: true }, ..]
            || (options.IsConfinedToTarget && each.Targets is [CodeTarget { Process: null }, ..]));

    /// <summary>From now on it is kept.</summary>
    /// <param name="target">The process that is the root.</param>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public void Attach(int target)
    {
        foreach ((BpfProgram program, string tracepoint) in _programs)
            _links.Add(RawTracepointLink.Attach(program, tracepoint));
        foreach (int process in LiveProcess.Tree(target))
            _table.Set(BitConverter.GetBytes((long)process), BitConverter.GetBytes(1L));
    }

    /// <summary>It is not kept any more.</summary>
    public void Detach()
    {
        foreach (BpfLink link in _links)
            link.Dispose();
        _links.Clear();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Detach();
        foreach ((BpfProgram program, _) in _programs)
            program.Dispose();
        _table.Dispose();
    }

    /// <summary>sched_process_fork(parent, child): who is forked by one of them is one of them.</summary>
    private static ProgramSpec Fork()
    {
        var code = new BpfAssembler("tree_fork", BpfProgramKind.RawTracepoint);
        BpfLabel end = code.NewLabel();
        code.Load(BpfSize.Double, R6, R1, 0);
        code.Load(BpfSize.Double, R7, R1, 8);
        ReadId(code, R6);
        PointToTable(code);
        code.Call(BpfHelper.MapLookupElem);
        code.Jump(BpfCondition.Equal, R0, 0, end);
        ReadId(code, R7);
        code.Store(BpfSize.Double, R10, Value, 1);
        PointToTable(code);
        code.PointToStack(R3, Value);
        code.Move(R4, 0);
        code.Call(BpfHelper.MapUpdateElem);
        return code.BuildEndingAt(end);
    }

    /// <summary>sched_process_exit(task): with its last thread a process ends.</summary>
    private static ProgramSpec Exit()
    {
        var code = new BpfAssembler("tree_exit", BpfProgramKind.RawTracepoint);
        BpfLabel end = code.NewLabel();
        code.Load(BpfSize.Double, R6, R1, 0);
        code.CopyMember(R6, "task_struct", "signal", Pointer, 8);
        code.Load(BpfSize.Double, R7, R10, Pointer);
        code.CopyMember(R7, "signal_struct", "live", Pointer, 4);
        code.Load(BpfSize.Word, R1, R10, Pointer);
        code.Jump(BpfCondition.NotEqual, R1, 0, end);
        ReadId(code, R6);
        PointToTable(code);
        code.Call(BpfHelper.MapDeleteElem);
        return code.BuildEndingAt(end);
    }

    /// <summary>R1, R2 = the table and the id on the stack.</summary>
    private static void PointToTable(BpfAssembler code)
    {
        code.LoadMap(R1, Table.Name);
        code.PointToStack(R2, Id);
    }

    private static void ReadId(BpfAssembler code, BpfRegister task)
    {
        code.Store(BpfSize.Double, R10, Id, 0);
        code.CopyMember(task, "task_struct", "tgid", Id, 4);
    }
}
