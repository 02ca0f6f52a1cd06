using Virtap.Binaries.Code;
using Virtap.Binaries.Code.Paths;
using Virtap.Binaries.Code.Symbolic;
using Virtap.Binaries.Elf;

namespace Virtap.Binaries.Marks.Recovered;

/// <summary>
/// Recovers the places in one function where one event is decided about: the decisions that run although nothing is on, and behind
/// which cold code leads to the event's message.
/// </summary>
/// <remarks>
/// A compiler that knows what the count is, being behind another event's decision with no call in between, leaves out this event's decision
/// on both sides of that one, and copies the code in between. If the copy behind "some event is on" leads to this event's message in any
/// case, then the other
/// event's decision is this one's site as well. If it does so under conditions, there is no place at which this event is decided about.
/// </remarks>
internal sealed class EventRecovery(ElfFile file, QemuTracing tracing, CalledFunctions functions, GlobalOffsetTable linkage)
{
    /// <summary>
    /// Whether to read the arguments where messages have timestamps, if QEMU has both forms. That form is longer, and tells no more.
    /// </summary>
    public bool WithTimestamps { get; init; }

    private const int MaxDistance = 512;

    /// <summary>Goes through the tests of an event's state in a function.</summary>
    /// <param name="function">The function.</param>
    /// <param name="name">The event's name, in any case.</param>
    /// <param name="state">Address of its state.</param>
    /// <param name="tests">Indexes of the instructions that read the state.</param>
    public RecoveredEvent Recover(TracedFunction function, string name, ulong state, IReadOnlyList<int> tests)
    {
        var paths = new LogPaths(file, tracing, functions, linkage, function, name, state) { WithTimestamps = WithTimestamps };
        SortedSet<int> own = [], others = [];
        List<EventSite> sites = [];
        List<string> failures = [];
        foreach (int test in tests)
        {
            if (!Collect(function, test, straight: true, own) || !Collect(function, test, straight: false, others))
                failures.Add("the code that decides about it could not be told from other code");
        }

        others.ExceptWith(own);
        foreach (int decision in own)
        {
            LogOutcome outcome = paths.Follow(decision);
            if (outcome is Logged message)
                sites.Add(new EventSite(function.Code.AddressOf(decision), message, null));
            else
                failures.Add(outcome is NotLogged failed ? failed.Reason : "its code does not return");
        }

        foreach (int decision in others)
        {
            if (paths.Follow(decision) is not Logged message || MayLeadTo(function, decision, own))
                failures.Add("it is decided together with another event, under conditions that are not followed");
            else
                sites.Add(new EventSite(function.Code.AddressOf(decision), message, UnlessDecidedLater(paths, decision)));
        }

        if (own.Concat(others).Any(paths.DecidesAgain))
            failures.Add("it is decided about more than once at one place");
        return new RecoveredEvent(sites, failures);
    }

    /// <summary>
    /// Another event's decision does not count as this one's while that other is being logged, if the code afterwards comes by this one's
    /// own decision.
    /// </summary>
    private MachineExpression? UnlessDecidedLater(LogPaths paths, int decision)
    {
        MachineExpression? condition = null;
        foreach (ulong other in paths.OthersOff.ToArray())
        {
            if (paths.Follow(decision, other) is Logged)
                continue;
            MachineExpression isOff = MachineAlgebra.Or(IsZero(new LoadValue(new ImageAddress(other), 2, false)), IsZero(MachineAlgebra.And(
                new LoadValue(new ImageAddress(tracing.LogLevel), 4, false), new ConstantValue((long)TestedBits.LogTrace))));
            condition = condition is null ? isOff : MachineAlgebra.And(condition, isOff);
        }

        return condition;
    }

    private static MachineExpression IsZero(MachineExpression value) =>
        MachineAlgebra.Compare(MachineOperator.Equal, value, new ConstantValue(0));

    /// <summary>
    /// Collects the decisions from which cold code leads to an instruction; false if it is not cold, or not all ways are known.
    /// </summary>
    /// <param name="function">The function.</param>
    /// <param name="test">The instruction.</param>
    /// <param name="straight">Only ways without another condition or a call.</param>
    /// <param name="decisions">Receives them.</param>
    private static bool Collect(TracedFunction function, int test, bool straight, SortedSet<int> decisions)
    {
        if (function.RunsIdle(test))
            return false;
        DecodedFunction code = function.Code;
        HashSet<int> seen = [test];
        Stack<int> before = new();
        before.Push(test);
        while (before.TryPop(out int at))
        {
            bool any = false;
            foreach (int jump in code.JumpsTo(at))
                any |= Visit(jump);
            if (at > 0 && function.Flow.GoesOn(at - 1))
                any |= Visit(at - 1);
            if (!any && !code.IsPadding(at))
                return false;
        }

        return true;

        bool Visit(int at)
        {
            if (function.RunsIdle(at))
            {
                if (code.FlowOf(at).Kind == FlowKind.ConditionalJump && function.IsDecision(at))
                    decisions.Add(at);
            }
            else if (!straight || code.FlowOf(at).Kind is FlowKind.Next or FlowKind.Jump)
            {
                if (seen.Add(at))
                    before.Push(at);
            }

            return true;
        }
    }

    /// <summary>Whether, when nothing is on, a decision may be followed by one of some others without a call in between.</summary>
    private static bool MayLeadTo(TracedFunction function, int decision, SortedSet<int> wanted)
    {
        DecodedFunction code = function.Code;
        HashSet<int> seen = [];
        Stack<int> next = new();
        next.Push(AfterIdle(function, decision));
        while (next.TryPop(out int at))
        {
            if (at < 0 || at >= code.Count || !function.RunsIdle(at) || !seen.Add(at) || seen.Count > MaxDistance)
                continue;
            if (wanted.Contains(at))
                return true;
            Flow flow = code.FlowOf(at);
            if (flow.IsDirectJump)
                next.Push(code.IndexOf(flow.Target));
            if (flow.Kind is FlowKind.Next or FlowKind.ConditionalJump)
                next.Push(at + 1);
            foreach (int label in code.TargetsOf(at))
                next.Push(label);
        }

        return false;
    }

    /// <summary>The instruction after a decision when nothing is on; -1 where that is in another function.</summary>
    private static int AfterIdle(TracedFunction function, int decision)
        => function.JumpsIfOn(decision) ? decision + 1 : function.Code.IndexOf(function.Code.FlowOf(decision).Target);
}

/// <summary>What one function has of an event.</summary>
/// <param name="Sites">The places where it is decided about.</param>
/// <param name="Failures">Why tests of the event's state could not be explained.</param>
internal sealed record RecoveredEvent(IReadOnlyList<EventSite> Sites, IReadOnlyList<string> Failures);

/// <summary>A place where an event is decided about.</summary>
/// <param name="Address">Link-time address of the deciding jump.</param>
/// <param name="Message">The message that it leads to.</param>
/// <param name="Condition">Not zero when that message is decided about here and nowhere else; null where that is always so.</param>
internal sealed record EventSite(ulong Address, Logged Message, MachineExpression? Condition);
