using System.Text;
using Virtap.Binaries.Elf;
using Virtap.Binaries.Code;
using Virtap.Binaries.Code.Paths;
using Virtap.Binaries.Code.Symbolic;

namespace Virtap.Binaries.Marks.Recovered;

/// <summary>
/// Follows the cold code behind a decision as it would run with one event switched on, to the call of <c>qemu_log</c>, with everything it
/// computes as expressions over the state at the decision. Of QEMU's tracing it takes for given: this event is on, others are off,
/// <c>LOG_TRACE</c> is set, messages have no timestamps if they need not. Where anything else decides, both ways are followed; where ways
/// meet, only what is the same on all of them stays known. All must end in a message.
/// </summary>
internal sealed class LogPaths(
    ElfFile file, QemuTracing tracing, CalledFunctions functions,
    GlobalOffsetTable linkage, TracedFunction function, string name, ulong state)
{
    private const int MaxSteps = 16384;
    private const int MaxFormat = 4096;
    private const int MaxLastWords = 8;
    private const int SizeOfTime = 16;
    private const string Ambiguous = "it depends on a condition that is computed after the trace point was decided";

    private readonly DecodedFunction _code = function.Code;
    private readonly HashSet<ulong> _constants = [.. tracing.Constants, state];
    private readonly Dictionary<(int At, bool IsPast), SymbolicMachine> _meetings = [];
    private readonly Stack<(int At, bool IsPast, SymbolicMachine Machine)> _open = new();
    private readonly HashSet<ulong> _others = [];
    private int _decision;
    private ulong _alsoOn;
    private bool _isOff;
    private bool _decidesAgain;
    private LogOutcome? _outcome;

    /// <summary>Whether messages have timestamps all the same, where QEMU has both forms.</summary>
    public bool WithTimestamps { get; init; }

    /// <summary>The states of other events that were taken to be off on the way.</summary>
    public IReadOnlyCollection<ulong> OthersOff => _others;

    /// <summary>Follows a decision that some event is on.</summary>
    /// <param name="decision">Index of the jump, over whose state all values are expressed.</param>
    /// <param name="alsoOn">The state of another event that is on as well; 0 for none.</param>
    public LogOutcome Follow(int decision, ulong alsoOn = 0)
    {
        Follow(decision, alsoOn, isOff: false);
        return _outcome ?? new NeverReturns();
    }

    /// <summary>
    /// Whether the code behind a decision, with this event off, comes by its state twice, so that the decision stands for more than one of
    /// the event. What follows a call has a decision of its own.
    /// </summary>
    /// <param name="decision">Index of the jump.</param>
    public bool DecidesAgain(int decision)
    {
        Follow(decision, alsoOn: 0, isOff: true);
        return _decidesAgain;
    }

    private void Follow(int decision, ulong alsoOn, bool isOff)
    {
        _meetings.Clear();
        _open.Clear();
        _others.Clear();
        _outcome = null;
        _decision = decision;
        _alsoOn = alsoOn;
        _isOff = isOff;
        _decidesAgain = false;
        Jump(decision, function.JumpsIfOn(decision), false, function.StateAt(decision, _constants, linkage));
        int steps = 0;
        while ((isOff ? !_decidesAgain : _outcome is not NotLogged)
            && _open.TryPop(out (int At, bool IsPast, SymbolicMachine Machine) next))
            Run(next.At, next.IsPast, next.Machine, ref steps);
    }

    /// <summary>One more end of a way.</summary>
    private void End(LogOutcome outcome)
    {
        if (_outcome is not Logged before || outcome is not Logged now)
            _outcome = outcome;
        else if (before.Arguments.Count != now.Arguments.Count)
            _outcome = new NotLogged("it has different messages under different conditions");
        else
            _outcome = before with { Arguments = [.. before.Arguments.Zip(now.Arguments, Meet)] };
    }

    private static SymbolicValue Meet(SymbolicValue first, SymbolicValue second)
    {
        if (first.Expression is null || first == second)
            return first;
        return second.Expression is null ? second : SymbolicValue.Unknown(Ambiguous);
    }

    private void Jump(int jump, bool taken, bool isPast, SymbolicMachine machine)
    {
        ulong target = _code.FlowOf(jump).Target;
        if (!taken)
            _open.Push((jump + 1, isPast, machine));
        else if (_code.IndexOf(target) is >= 0 and int index)
            _open.Push((index, isPast, machine));
        else
            Leave(target, machine);
    }

    /// <summary>Goes on to the next jump.</summary>
    /// <param name="at">The next instruction.</param>
    /// <param name="isPast">Whether the event's state was tested on the way.</param>
    /// <param name="machine">What the way did.</param>
    /// <param name="steps">Counts instructions.</param>
    private void Run(int at, bool isPast, SymbolicMachine machine, ref int steps)
    {
        for (bool first = true; ; first = false, at++)
        {
            if (at >= _code.Count || ++steps > MaxSteps)
            {
                End(new NotLogged("too much happens between its decision and its message"));
                return;
            }

            if (function.RunsIdle(at))
            {
                if (NeverReturns(at))
                    return;
                End(new NotLogged("its message depends on a condition that is computed only while some event is on"));
                return;
            }

            // Where ways may meet, go on only with what all that came by have in common.
            if (first || !_code.JumpsTo(at).IsEmpty)
            {
                if (!_meetings.TryGetValue((at, isPast), out SymbolicMachine? known))
                    _meetings.Add((at, isPast), machine.Clone());
                else if (!known.Join(machine, Ambiguous))
                    return;
                else
                    machine = known.Clone();
            }

            Flow flow = _code.FlowOf(at);
            switch (flow.Kind)
            {
                case FlowKind.Next:
                    _code.Step(at, machine);
                    break;
                case FlowKind.ConditionalJump or FlowKind.Jump:
                    bool isOwn = false;
                    bool? taken = flow.Kind == FlowKind.Jump ? true : Decide(_code.TestOf(at), machine, out isOwn);
                    _decidesAgain |= isOwn && isPast;
                    if (taken != false)
                        Jump(at, taken: true, isPast || isOwn, machine.Clone());
                    if (taken != true)
                        Jump(at, taken: false, isPast || isOwn, machine);
                    return;
                case FlowKind.Call when flow.Target == tracing.Log:
                    LogOutcome outcome = ReadCall(machine, firstOnStack: 0);
                    if (outcome is Logged || _alsoOn == 0)
                    {
                        End(outcome);
                        return;
                    }

                    machine.Call(NameOf(flow));
                    break;
                case FlowKind.Call when !_isOff && functions.Returns(flow):
                    Call(flow, machine);
                    break;
                case FlowKind.Call or FlowKind.End:
                    return;
                case FlowKind.Return:
                    End(new NotLogged("its function returns before its message"));
                    return;
                default:
                    End(new NotLogged("its code goes on where it cannot be followed"));
                    return;
            }
        }
    }

    /// <summary>Whether code ends in a function that does not return (a failed check), without any condition.</summary>
    private bool NeverReturns(int at)
    {
        for (int end = Math.Min(at + MaxLastWords, _code.Count); at < end; at++)
        {
            Flow flow = _code.FlowOf(at);
            if (flow.Kind != FlowKind.Next)
                return flow.Kind == FlowKind.Call && !functions.Returns(flow);
        }

        return false;
    }

    /// <summary>A jump out of the function: to <c>qemu_log</c> in place of a call, or elsewhere.</summary>
    private void Leave(ulong target, SymbolicMachine machine)
        => End(
            target == tracing.Log
                ? ReadCall(machine, machine.Convention.PassedOnStackAt) : new NotLogged("its code goes on in another function"));

    /// <summary>What QEMU's own variables decide, as assumed; null for any other condition.</summary>
    /// <param name="test">The condition.</param>
    /// <param name="machine">The state in which it is asked.</param>
    /// <param name="isOwn">Whether it is the event's state that decides.</param>
    private bool? Decide(JumpTest test, SymbolicMachine machine, out bool isOwn)
    {
        isOwn = false;
        FlagCondition condition = test.Condition;
        SymbolicFlags flags = test.In(machine);
        if (flags.Left.Expression is not { } tested || flags.Right.Expression is not ConstantValue { Value: 0 })
            return null;
        (MachineExpression variable, ulong bits) = TestedBits.Of(tested, flags.Size);
        ulong address = AddressOf(variable);
        if (address == tracing.LogLevel + 1 && bits == 0xff
            && condition is FlagCondition.Negative or FlagCondition.NotNegative or FlagCondition.Less or FlagCondition.GreaterOrEqual)
            return condition is FlagCondition.Negative or FlagCondition.Less;
        bool isSet;
        if (address == 0)
            return null;
        else if (isOwn = address == state)
            isSet = !_isOff;
        else if (address == tracing.EnabledCount)
            isSet = true;
        else if (address == tracing.WithTimestamp)
            isSet = WithTimestamps;
        else if (address - tracing.LogLevel < 4 && bits << (int)(address - tracing.LogLevel) * 8 == TestedBits.LogTrace)
            isSet = true;
        else if (!tracing.IsState(address))
            return null;
        else if (!(isSet = address == _alsoOn))
            _others.Add(address);
        return condition switch
        {
            FlagCondition.NotEqual or FlagCondition.Above => isSet,
            FlagCondition.Equal or FlagCondition.BelowOrEqual => !isSet,
            _ => null,
        };
    }

    /// <summary>The variable that was loaded, be it before the decision; 0 if it is none that matters.</summary>
    private ulong AddressOf(MachineExpression variable) => variable switch
    {
        ImageAddress image => image.Address,
        RegisterValue register when function.Holds(_decision, register, tracing.LogLevel) => tracing.LogLevel,
        RegisterValue register when function.Holds(_decision, register, tracing.EnabledCount) => tracing.EnabledCount,
        _ => 0,
    };

    private LogOutcome ReadCall(SymbolicMachine machine, int firstOnStack)
    {
        if (machine[machine.Convention.Arguments[0]].Expression is not ImageAddress format)
            return new NotLogged("its format string is not known");
        if (LogFormat.TryParse(Encoding.UTF8.GetString(file.StringAt(format.Address, MaxFormat))) is not { } parsed)
            return new NotLogged("its format string cannot be read");
        if (!string.Equals(parsed.EventName, name, StringComparison.OrdinalIgnoreCase))
            return new NotLogged("its code ends in another event's message");
        List<SymbolicValue> arguments = [];
        int registers = 1 + parsed.ArgumentsBefore, words = 0;
        foreach (LogConversion conversion in parsed.Conversions)
        {
            if (conversion.IsFloating)
                arguments.Add(SymbolicValue.Unknown("it is a floating-point number"));
            else if (registers < machine.Convention.Arguments.Count)
                arguments.Add(machine[machine.Convention.Arguments[registers++]]);
            else
                arguments.Add(machine.StackWord(firstOnStack + words++ * 8));
        }

        return new Logged(parsed, arguments);
    }

    /// <summary>A call on the way. Of the two by which a message gets its thread and time, all effects are known.</summary>
    private void Call(Flow call, SymbolicMachine machine)
    {
        string? called = call.Target == 0 ? null : functions.NameOf(call.Target);
        if (called == "gettimeofday")
            machine.Call(called, writtenByCall: SizeOfTime);
        else if (called == "qemu_get_thread_id")
            machine.Call(called, writtenByCall: 0);
        else
            machine.Call(NameOf(call));
    }

    private string NameOf(Flow call)
    {
        if (call.Target == 0)
            return "a function pointer";
        return functions.NameOf(call.Target) is { } called ? $"{called}()" : $"the function at 0x{call.Target:x}";
    }
}
