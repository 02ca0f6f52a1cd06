using Virtap.Binaries.Code.Symbolic;

namespace Virtap.Binaries.Code.Paths;

/// <summary>A load from a variable of the image.</summary>
/// <param name="At">Index of the instruction.</param>
/// <param name="Variable">Link-time address.</param>
internal readonly record struct VariableRead(int At, ulong Variable);

/// <summary>
/// What registers and flags have at each instruction of a function, as far as that is the same on every way that leads there and does not
/// depend on who called: addresses in the image, what was loaded from its variables, distances from the stack pointer on entry.
/// </summary>
/// <remarks>
/// Ends because a state only ever loses: each instruction where ways meet is gone on from no oftener than there are registers.
/// </remarks>
internal sealed class KnownState
{
    private readonly ControlFlow _flow;
    private readonly DecodedFunction _code;
    private readonly FunctionEffects _effects = new();
    private readonly Dictionary<int, SymbolicMachine> _meetings = [];
    private readonly HashSet<int> _waiting = [];
    private readonly Stack<int> _open = new();
    private readonly List<VariableRead> _reads = [];
    private readonly Dictionary<int, SymbolicFlags> _tests = [];

    public KnownState(ControlFlow flow, CallingConvention convention, GlobalOffsetTable linkage)
    {
        (_flow, _code) = (flow, flow.Code);
        var nothing = SymbolicMachine.OfImage(convention, linkage, _effects);
        foreach (int entry in flow.Entries())
            Meet(entry, nothing);
        while (_open.TryPop(out int at))
        {
            _waiting.Remove(at);
            GoOn(at);
        }

        foreach (int at in _meetings.Keys.Order())
            Record(at);
    }

    /// <summary>The loads from variables of the image, in order of their instructions.</summary>
    public IReadOnlyList<VariableRead> Reads => _reads;

    /// <summary>Whether the frame pointer points into the function's frame somewhere.</summary>
    public bool HasFramePointer { get; private set; }

    /// <summary>What decides about a conditional jump; null where no way leads to it.</summary>
    public SymbolicFlags? TestOf(int jump) => _tests.TryGetValue(jump, out SymbolicFlags flags) ? flags : null;

    /// <summary>The state before an instruction; null where no way leads to it.</summary>
    public SymbolicMachine? Before(int index)
    {
        int at = index;
        while (at > 0 && !_meetings.ContainsKey(at))
            at--;
        if (!_meetings.TryGetValue(at, out SymbolicMachine? machine))
            return null;
        machine = machine.Clone();
        for (; at < index; at++)
        {
            if (!Step(at, machine))
                return null;
        }

        return machine;
    }

    private void Meet(int at, SymbolicMachine machine)
    {
        if (!_meetings.TryGetValue(at, out SymbolicMachine? known))
            _meetings.Add(at, machine.Clone());
        else if (!known.Join(machine, "it differs from way to way"))
            return;
        if (_waiting.Add(at))
            _open.Push(at);
    }

    /// <summary>Goes from a place where ways meet to those that follow.</summary>
    private void GoOn(int at)
    {
        SymbolicMachine machine = _meetings[at].Clone();
        for (; ; at++)
        {
            bool goesOn = Step(at, machine);
            Flow flow = _code.FlowOf(at);
            if (flow.IsDirectJump && _code.IndexOf(flow.Target) is >= 0 and int target)
                Meet(target, machine);
            foreach (int label in _code.TargetsOf(at))
                Meet(label, machine);
            if (!goesOn)
                return;
            if (!_code.JumpsTo(at + 1).IsEmpty)
            {
                Meet(at + 1, machine);
                return;
            }
        }
    }

    /// <summary>Keeps what is asked for, from a place where ways meet to the next.</summary>
    private void Record(int at)
    {
        SymbolicMachine machine = _meetings[at].Clone();
        bool goesOn = true;
        for (; goesOn; at++)
        {
            if (_code.FlowOf(at).Kind == FlowKind.ConditionalJump)
                _tests[at] = _code.TestOf(at).In(machine);
            int loads = _effects.Loads.Count;
            goesOn = Step(at, machine) && !_meetings.ContainsKey(at + 1);
            for (int load = loads; load < _effects.Loads.Count; load++)
            {
                if (_effects.Loads[load].Address is ImageAddress variable)
                    _reads.Add(new VariableRead(at, variable.Address));
            }

            HasFramePointer |= machine[machine.Convention.FramePointer].Expression is { } frame && machine.Memory.IsOnStack(frame);
        }
    }

    /// <summary>Runs an instruction.</summary>
    /// <returns>Whether it goes on to the next one.</returns>
    private bool Step(int at, SymbolicMachine machine)
    {
        _code.Step(at, machine);
        if (_code.FlowOf(at).Kind == FlowKind.Call)
            machine.Call("a function");
        return _flow.GoesOn(at);
    }
}
