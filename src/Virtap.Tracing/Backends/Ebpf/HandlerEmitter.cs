using Virtap.Bpf.Instructions;
using Virtap.Bpf.Programs;
using Virtap.Bpf.Specs;
using Virtap.Language;
using Virtap.Tracing.Backends.Ebpf.Emission;
using Virtap.Tracing.Backends.Ebpf.Routines;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Lowering;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Probes;

namespace Virtap.Tracing.Backends.Ebpf;

/// <summary>
/// Compiles one handler. In all of its code four registers keep their meaning: <see cref="Registers"/> the thread's registers as the
/// kernel passes them, <see cref="Context"/> a pointer to the context that this hit has claimed, <see cref="ContextOffset"/> the same as
/// an offset into memory. R0 holds the value of the expression at hand, R1-R5 are scratch. All jumps go forward: what repeats is a block
/// of the state machine, or a routine's callback.
/// </summary>
internal sealed partial class HandlerEmitter
{
    internal const BpfRegister Registers = BpfRegister.R6;
    internal const BpfRegister Context = BpfRegister.R7;
    internal const BpfRegister ContextOffset = BpfRegister.R8;

    // Words of the main function's stack: which context was claimed.
    private const int ClaimBit = -8;
    private const int ClaimOffset = -16;

    /// <summary>
    /// Straight code with more conditional jumps than this is verified for long, because all of its ways are still open at its end; it is
    /// given to the state machine, which cuts it.
    /// </summary>
    private const int MaxStraightBranches = 1024;

    /// <summary>The kernel verifies a million instructions, and of some of a program's more than one way.</summary>
    private const int MaxInstructions = 250_000;

    private readonly LoweredProgram _program;
    private readonly LoweredHandler _handler;
    private readonly HandledTarget? _target;
    private readonly KernelHook? _hook;
    private readonly EmitOptions _options;
    private readonly MemoryLayout _layout;
    private readonly BpfAssembler _code;
    private readonly RoutineSet _routines;
    private readonly CallSites _callSites;
    private readonly BpfLabel _skip;
    private readonly BpfLabel _release;
    private Unit _unit;

    public HandlerEmitter(LoweredProgram program, LoweredHandler handler, EmitOptions options)
    {
        _program = program;
        _handler = handler;
        _options = options;
        _layout = program.Layout;
        _callSites = new CallSites(handler.Body);
        _target = handler.Targets is [HandledTarget first, ..] ? first : null;
        _hook = _target?.Hook;
        _code = new BpfAssembler(handler.Name, KindOf(_hook)) { DropsUnreachable = true };
        _routines = new RoutineSet(_code, _layout, options);
        (_skip, _release) = (_code.NewLabel(), _code.NewLabel());
        BpfLabel error = _code.NewLabel(), leave = _code.NewLabel();
        _unit = new Unit(error, leave, leave);
    }

    private static BpfProgramKind KindOf(KernelHook? hook) => hook switch
    {
        null => BpfProgramKind.Uprobe,
        TracepointHook => BpfProgramKind.RawTracepoint,
        PerfEventHook or WatchpointHook => BpfProgramKind.PerfEvent,
        _ => throw new InvalidOperationException($"{hook.GetType().Name} has no programs"),
    };

    /// <summary>Where the script has the statement that is being compiled.</summary>
    public SourceSpan? Span { get; private set; }

    /// <summary>Makes the program.</summary>
    /// <param name="isStepwise">Whether all of the handler's body belongs to the state machine; otherwise only what has to.</param>
    /// <returns>Null where the body has to be stepwise.</returns>
    /// <exception cref="NotEmittableException">The handler has no form in eBPF.</exception>
    public ProgramSpec? Emit(bool isStepwise)
    {
        EmitMain(isStepwise);
        if (!isStepwise && _options.HasLoopHelper && _code.Branches > MaxStraightBranches)
            return null;
        EmitStateMachine();
        _routines.EmitRequested();
        ProgramSpec program;
        try
        {
            program = _code.Build();
        }
        catch (BpfAssemblyException e)
        {
            throw new NotEmittableException(e.Message);
        }

        RequireFewInstructions(program.Instructions.Length);
        return program;
    }

    private void RequireFewInstructions(int count)
    {
        if (count > MaxInstructions)
        {
            _program.Spans.TryGetValue(_handler.Body, out SourceSpan span);
            Span = span;
            throw new NotEmittableException(
                $"this probe would take {count} instructions of eBPF or more; the kernel can be sure to accept {MaxInstructions}",
                "do less in it, or do it in a loop");
        }
    }

    /// <summary>Reserves words of the context for the length of an action; the offset of the first is from the context's start.</summary>
    private void WithTemporary(int words, Action<int> use)
    {
        int before = _unit.NextTemporary;
        _unit.NextTemporary += words;
        if (_unit.NextTemporary > ContextCells.TemporaryWords)
            throw new NotEmittableException("an expression is nested too deeply", "split it with a variable");
        use(ContextCells.Temporaries + (before * 8));
        _unit.NextTemporary = before;
    }

    /// <summary>Queues code behind the hot path of the unit; returns the label that leads to it.</summary>
    private BpfLabel Cold(Action emit)
    {
        BpfLabel label = _code.NewLabel();
        _unit.Cold.Add(() =>
        {
            _code.Bind(label);
            emit();
        });
        return label;
    }

    /// <summary>
    /// Emits what was queued. To be called where nothing falls through, and before the labels that it jumps to are marked: a label that
    /// nothing has jumped to yet would count as unreachable.
    /// </summary>
    private void EmitCold()
    {
        // Cold code may queue more of its own.
        for (int i = 0; i < _unit.Cold.Count; i++)
            _unit.Cold[i]();
        _unit.Cold.Clear();
    }
}
