using Virtap.Binaries.Code.Symbolic;

namespace Virtap.Binaries.Code.Paths;

/// <summary>
/// Walks the paths through a small function, each branch both ways, so that its machine sees all that the function does. Bounded: a
/// function that is not small is left after the first instructions of its first paths.
/// </summary>
internal sealed class PathWalk(DecodedFunction function)
{
    private const int MaxPaths = 32;
    private const int MaxInstructions = 1500;

    private readonly Stack<(int At, SymbolicMachine Machine)> _open = new();
    private readonly HashSet<int> _branches = [];

    /// <summary>Walks.</summary>
    /// <param name="machine">The state on entry.</param>
    public void Run(SymbolicMachine machine)
    {
        _open.Push((0, machine));
        int instructions = 0;
        for (int paths = 0; paths < MaxPaths && _open.TryPop(out (int At, SymbolicMachine Machine) path); paths++)
        {
            for (int at = path.At; at >= 0 && at < function.Count && instructions < MaxInstructions; instructions++)
                at = Step(at, path.Machine);
        }
    }

    /// <summary>Runs an instruction.</summary>
    /// <returns>The next one; -1 where the path ends or leaves the function.</returns>
    private int Step(int at, SymbolicMachine machine)
    {
        function.Step(at, machine);
        Flow flow = function.FlowOf(at);
        switch (flow.Kind)
        {
            case FlowKind.Next:
                return at + 1;
            case FlowKind.Jump:
                return function.IndexOf(flow.Target);
            case FlowKind.ConditionalJump:
                // Each branch once: a loop's second round teaches nothing.
                if (_branches.Add(at) && function.IndexOf(flow.Target) is >= 0 and int target)
                    _open.Push((target, machine.Clone()));
                return at + 1;
            case FlowKind.Call:
                if (flow.Target != 0)
                    machine.NoteCall(flow.Target);
                machine.Call("a function");
                return at + 1;
            case FlowKind.Return:
                machine.Return();
                return -1;
            default:
                return -1;
        }
    }
}
