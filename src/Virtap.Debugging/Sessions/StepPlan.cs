using Virtap.Binaries.Dwarf;
using Virtap.Debugging.Frames;
using Virtap.Processes.Control;

namespace Virtap.Debugging.Sessions;

/// <summary>How far a thread is to go.</summary>
internal enum StepKind
{
    /// <summary>To the next line.</summary>
    Line,

    /// <summary>One instruction.</summary>
    Instruction,

    /// <summary>Out of a function that is inlined where it is.</summary>
    OutOfInline,

    /// <summary>To its caller.</summary>
    Finish,

    /// <summary>To a place.</summary>
    Run,
}

/// <summary>What a thread is to do before it stops.</summary>
internal sealed class StepPlan(StepKind kind)
{
    private ulong _start, _end;

    public StepKind Kind => kind;

    /// <summary>Whether it goes into functions that are called.</summary>
    public bool Into { get; private init; }

    /// <summary>The frame that it steps through, by its CFA.</summary>
    public ulong Cfa { get; private set; }

    /// <summary>The line that it is to leave.</summary>
    public SourceLine? Line { get; private set; }

    /// <summary>How many functions are inlined there, one in the other.</summary>
    public int InlineDepth { get; private set; }

    /// <summary>The function that it is to leave.</summary>
    public DebugFunction? Function { get; init; }

    /// <summary>Whether it is on its way through the prologue of a function that it has stepped into.</summary>
    public bool Entered { get; set; }

    /// <summary>Where it stops.</summary>
    public IReadOnlyList<ulong> Targets { get; set; } = [];

    /// <summary>Where it comes back to, and the stack pointer that it has there at least.</summary>
    public (ulong Address, ulong Cfa)? Return { get; set; }

    /// <summary>Whether it goes instruction by instruction.</summary>
    public bool IsStepping => kind is StepKind.Line or StepKind.Instruction or StepKind.OutOfInline;

    public static StepPlan OfLine(DebugFrame top, LineSpan? span, bool into)
    {
        var plan = new StepPlan(StepKind.Line) { Into = into };
        plan.Refresh(top, span);

        // Without lines the function is what is left.
        if (span is null && top.Function?.Ranges is [var range, ..])
            (plan._start, plan._end) = (range.Start + top.Image!.Bias, range.End + top.Image.Bias);
        return plan;
    }

    public static StepPlan OfInstruction(DebugFrame top, bool into) => new(StepKind.Instruction) { Into = into, Cfa = top.Cfa };

    public static StepPlan OutOf(DebugFrame frame) => new(StepKind.OutOfInline) { Cfa = frame.Cfa, Function = frame.Function };

    /// <summary>Whether an address is in the code that it steps through.</summary>
    public bool Contains(ulong address) => address >= _start && address < _end;

    /// <summary>Has it step through other code first.</summary>
    public void Refresh(DebugFrame top, LineSpan? span)
    {
        (_start, _end) = span is null ? (0, 0) : (span.Start, span.End);
        (Cfa, Line, InlineDepth) = (top.Cfa, span?.Source, top.InlineDepth);
    }
}

/// <summary>A process that goes on, and the breakpoints that are there for this while alone.</summary>
internal sealed class RunState(Inferior inferior, TracedThread thread, StepPlan? plan)
{
    private readonly List<ulong> _breakpoints = [];
    private bool _isWaiting;

    public TracedThread Thread => thread;

    public StepPlan? Plan { get; set; } = plan;

    public void Begin(bool hasWatch)
    {
        if (Plan is { } here)
        {
            foreach (ulong target in here.Targets)
                Add(target);
            if (here.Return is var (address, _))
                Add(address);
        }

        foreach (TracedThread other in inferior.Threads)
        {
            if (other != thread)
                GoOn(other, hasWatch);
        }

        GoOn(thread, hasWatch);
    }

    /// <summary>Lets a thread go on: the one that steps by an instruction, unless it waits for a breakpoint.</summary>
    public void GoOn(TracedThread each, bool hasWatch)
    {
        bool isStepping = each == thread && Plan is { IsStepping: true } && !_isWaiting;
        if (isStepping || hasWatch)
            inferior.Step(each);
        else
            inferior.Resume(each);
    }

    /// <summary>Has the thread run until it comes back from a call.</summary>
    public void Await(ulong address, ulong cfa)
    {
        Plan!.Return = (address, cfa);
        Add(address);
        _isWaiting = true;
    }

    /// <summary>Has the thread run to a place.</summary>
    public void AwaitTarget(ulong address)
    {
        Plan!.Targets = [address];
        Add(address);
        _isWaiting = true;
    }

    /// <summary>Takes the breakpoints out.</summary>
    public void Clear()
    {
        foreach (ulong address in _breakpoints)
            inferior.Remove(address);
        _breakpoints.Clear();
        _isWaiting = false;
    }

    private void Add(ulong address)
    {
        if (inferior.Insert(address))
            _breakpoints.Add(address);
    }
}
