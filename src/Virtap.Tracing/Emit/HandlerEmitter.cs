using Virtap.Bpf.Instructions;
using Virtap.Bpf.Programs;
using Virtap.Bpf.Specs;
using Virtap.Tracing.Emit.Routines;
using Virtap.Tracing.Lowering.Tree;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Emit;

/// <summary>
/// Compiles one handler. In all of its code four registers keep their meaning: <see cref="Registers"/> the thread's registers as the kernel passes them,
/// <see cref="Context"/> a pointer to the context that this hit has claimed, <see cref="ContextOffset"/> the same as an offset into memory, and
/// <see cref="Shared"/> a few words on the main function's stack from which loop bodies and functions get the other three. R0 holds the value of the
/// expression at hand, R1-R5 are scratch. All jumps go forward: what repeats is a subprogram under <c>bpf_loop</c>.
/// </summary>
internal sealed partial class HandlerEmitter
{
    internal const BpfRegister Registers = BpfRegister.R6;
    internal const BpfRegister Context = BpfRegister.R7;
    internal const BpfRegister ContextOffset = BpfRegister.R8;
    internal const BpfRegister Shared = BpfRegister.R9;

    // The words that Shared points to, on the main function's stack.
    private const int SharedBytes = 32;
    private const int SharedClaimBit = 0;
    private const int SharedClaimOffset = 8;
    private const int SharedContextOffset = 16;
    private const int SharedRegisters = 24;

    /// <summary>The verifier allows 512 bytes over all frames of a call chain; deep chains share it, so one unit gets a part.</summary>
    private const int MaxTemporaryBytes = 192;

    private readonly LoweredProgram _program;
    private readonly LoweredHandler _handler;
    private readonly EmitOptions _options;
    private readonly MemoryLayout _layout;
    private readonly BpfAssembler _code;
    private readonly RoutineSet _routines;
    private readonly Queue<(string Name, Action Emit)> _pending = new();
    private readonly HashSet<LoweredFunction> _functions = [];
    private readonly CallSites _callSites;
    private readonly Dictionary<int, byte[]> _literals = [];
    private Unit _unit = null!;
    private int _loops;

    public HandlerEmitter(LoweredProgram program, LoweredHandler handler, EmitOptions options)
    {
        _program = program;
        _handler = handler;
        _options = options;
        _layout = program.Layout;
        _callSites = new CallSites(handler.Body);
        _code = new BpfAssembler(handler.Name, BpfProgramKind.Uprobe) { DropsUnreachable = true };
        _routines = new RoutineSet(_code, _layout, options);
        foreach (InitialBytes initial in program.Initial)
        {
            // A literal's bytes may come with its closing zeros; a table of offsets is never compared with.
            if (initial.IsConstant)
                _literals[initial.Offset] = initial.Bytes.Span.TrimEnd((byte)0).ToArray();
        }
    }

    public ProgramSpec Emit()
    {
        EmitMain();
        while (_pending.TryDequeue(out (string Name, Action Emit) next))
        {
            _code.BeginSubprogram(next.Name, SubprogramLinkage.Static);
            next.Emit();
        }

        _routines.EmitRequested();
        try
        {
            return _code.Build();
        }
        catch (BpfAssemblyException e)
        {
            throw new NotEmittableException(e.Message);
        }
    }

    /// <summary>Reserves words on the unit's stack for the length of an action; the offset of the lowest is from the frame pointer.</summary>
    private void WithTemporary(int words, Action<int> use)
    {
        int before = _unit.NextTemporary;
        _unit.NextTemporary -= words * 8;
        if (-_unit.NextTemporary > MaxTemporaryBytes)
            throw new NotEmittableException("an expression is nested too deeply for eBPF's stack; split it with a variable");
        use(_unit.NextTemporary);
        _unit.NextTemporary = before;
    }

    /// <summary>Queues code behind the hot path of the unit; returns the label that leads to it.</summary>
    private BpfLabel Cold(Action emit)
    {
        BpfLabel label = _code.NewLabel();
        _unit.Cold.Add(() =>
        {
            _code.Mark(label);
            emit();
        });
        return label;
    }

    /// <summary>
    /// Emits what was queued. To be called where nothing falls through, and before the labels that it jumps to are marked: a label that nothing has jumped to yet
    /// would count as unreachable.
    /// </summary>
    private void EmitCold()
    {
        // Cold code may queue more of its own.
        for (int i = 0; i < _unit.Cold.Count; i++)
            _unit.Cold[i]();
        _unit.Cold.Clear();
    }
}
