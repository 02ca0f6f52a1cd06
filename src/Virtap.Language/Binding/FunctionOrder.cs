using Virtap.Language.Binding.Tree;

namespace Virtap.Language.Binding;

/// <summary>
/// Orders functions so that callees come before callers, and finds recursion: Tarjan's strongly connected components. Calls nest as deep
/// as functions are declared, so that the stack is the heap's.
/// </summary>
internal sealed class FunctionOrder(Func<FunctionSymbol, IEnumerable<FunctionSymbol>> calleesOf)
{
    private readonly Dictionary<FunctionSymbol, State> _states = [];
    private readonly Stack<FunctionSymbol> _open = [];
    private readonly Stack<(FunctionSymbol Function, IEnumerator<FunctionSymbol> Callees)> _calls = [];

    /// <summary>The components among the functions visited so far.</summary>
    public List<IReadOnlyList<FunctionSymbol>> Groups { get; } = [];

    /// <summary>Adds a function and all that it calls.</summary>
    public void Visit(FunctionSymbol function)
    {
        if (_states.ContainsKey(function))
            return;
        Enter(function);
        while (_calls.TryPeek(out (FunctionSymbol Function, IEnumerator<FunctionSymbol> Callees) call))
        {
            State state = _states[call.Function];
            if (!call.Callees.MoveNext())
            {
                _calls.Pop();
                if (_calls.TryPeek(out (FunctionSymbol Function, IEnumerator<FunctionSymbol> Callees) caller))
                    _states[caller.Function].Low = Math.Min(_states[caller.Function].Low, state.Low);
                if (state.Low == state.Number)
                    Close(call.Function);
                continue;
            }

            FunctionSymbol callee = call.Callees.Current;
            if (callee == call.Function)
                callee.IsRecursive = true;
            if (!_states.TryGetValue(callee, out State? known))
                Enter(callee);
            else if (known.IsOpen)
                state.Low = Math.Min(state.Low, known.Number);
        }
    }

    private void Enter(FunctionSymbol function)
    {
        _states.Add(function, new State { Number = _states.Count, Low = _states.Count, IsOpen = true });
        _open.Push(function);
        _calls.Push((function, calleesOf(function).GetEnumerator()));
    }

    /// <summary>A component is whole: its functions can all come to call each other.</summary>
    private void Close(FunctionSymbol first)
    {
        bool isAlone = _open.Peek() == first;
        var group = new List<FunctionSymbol>();
        FunctionSymbol member;
        do
        {
            member = _open.Pop();
            _states[member].IsOpen = false;
            member.IsRecursive |= !isAlone;
            group.Add(member);
        }
        while (member != first);
        Groups.Add(group);
    }

    private sealed class State
    {
        public required int Number { get; init; }

        public required int Low { get; set; }

        public required bool IsOpen { get; set; }
    }
}
