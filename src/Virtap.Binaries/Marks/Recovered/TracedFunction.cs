using Virtap.Binaries.Code;
using Virtap.Binaries.Code.Paths;
using Virtap.Binaries.Code.Symbolic;

namespace Virtap.Binaries.Marks.Recovered;

/// <summary>
/// A function that has trace events: which of its conditional jumps are decisions (they test <c>trace_events_enabled_count</c>), and which
/// of its code runs although no event is on. The rest is cold: it is reached through decisions only.
/// </summary>
internal sealed class TracedFunction
{
    private readonly QemuTracing _tracing;
    private readonly KnownState _known;
    private readonly bool[] _runsIdle;

    public TracedFunction(QemuTracing tracing, ControlFlow flow, KnownState known)
    {
        _tracing = tracing;
        _known = known;
        Flow = flow;
        _runsIdle = FollowIdle();
    }

    /// <summary>The instructions.</summary>
    public DecodedFunction Code => Flow.Code;

    /// <summary>How control passes between them.</summary>
    public ControlFlow Flow { get; }

    /// <summary>Whether an instruction may run while no event is on.</summary>
    public bool RunsIdle(int index) => _runsIdle[index];

    /// <summary>Whether a conditional jump tests that any event is on.</summary>
    public bool IsDecision(int jump) => Code.TestOf(jump).Condition is FlagCondition.Equal or FlagCondition.NotEqual
        && _known.TestOf(jump) is { Size: sizeof(uint), Right.Expression: ConstantValue { Value: 0 } } test
        && IsVariable(test.Left, _tracing.EnabledCount);

    /// <summary>Whether a decision jumps if some event is on; otherwise it jumps if none is.</summary>
    public bool JumpsIfOn(int decision) => Code.TestOf(decision).Condition == FlagCondition.NotEqual;

    /// <summary>Whether a register holds a variable of four bytes at an instruction, whichever way led there.</summary>
    public bool Holds(int at, RegisterValue register, ulong variable)
        => _known.Before(at) is { } state && state.Convention.NumberOf(register) is >= 0 and int number
            && IsVariable(state[number], variable);

    /// <summary>
    /// The state at a decision, in which registers and words of the frame that are known to have addresses have them, be they addresses in
    /// the frame, as the frame pointer's.
    /// </summary>
    /// <param name="decision">Index of the jump.</param>
    /// <param name="constants">Addresses of variables that are taken never to change.</param>
    /// <param name="linkage">The words of the image that have addresses.</param>
    public SymbolicMachine StateAt(int decision, IReadOnlySet<ulong> constants, GlobalOffsetTable linkage)
    {
        SymbolicMachine known = _known.Before(decision) ?? throw new InvalidOperationException("No way leads to the decision.");
        CallingConvention convention = known.Convention;
        long? depth = known.StackOffset(convention.StackPointer);
        bool hasFramePointer = _known.HasFramePointer && (depth is null || known.StackOffset(convention.FramePointer) is null);
        var state = SymbolicMachine.AtSite(convention, constants, hasFramePointer, linkage);
        for (int register = 0; register < convention.Count; register++)
        {
            if (known[register].Expression is ImageAddress address)
                state[register] = address;
            else if (known.StackOffset(register) is { } offset && depth is { } from)
                state[register] = state[convention.StackPointer].Plus(offset - from);
        }

        if (depth is { } here)
            state.TakeSpilled(known, -here);
        return state;
    }

    private static bool IsVariable(SymbolicValue value, ulong variable) =>
        value.Expression is LoadValue { Size: sizeof(uint), Address: ImageAddress { Address: var address } } && address == variable;

    private bool[] FollowIdle()
    {
        var runs = new bool[Code.Count];
        Stack<int> next = new(Flow.Entries());
        while (next.TryPop(out int at))
        {
            if (runs[at])
                continue;
            runs[at] = true;
            Flow flow = Code.FlowOf(at);
            bool isDecision = flow.Kind == FlowKind.ConditionalJump && IsDecision(at);
            if (Flow.GoesOn(at) && !(isDecision && !JumpsIfOn(at)))
                next.Push(at + 1);
            if (flow.IsDirectJump && !(isDecision && JumpsIfOn(at)) && Code.IndexOf(flow.Target) is >= 0 and int target)
                next.Push(target);
            foreach (int label in Code.TargetsOf(at))
                next.Push(label);
        }

        return runs;
    }
}
