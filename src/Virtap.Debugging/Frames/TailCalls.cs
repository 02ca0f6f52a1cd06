using Virtap.Binaries.Code;
using Virtap.Binaries.Dwarf;
using Virtap.Debugging.Targets;
using Virtap.Processes.Stacks;

namespace Virtap.Debugging.Frames;

/// <summary>
/// Frames that are gone: of functions whose last deed was to jump to another one. Where the call that a frame returns to is not of its
/// own function, the compilers' descriptions of calls say through which functions it has come, if only one way is possible.
/// </summary>
/// <param name="target">The target.</param>
internal sealed class TailCalls(DebugTarget target)
{
    private const int MaxDepth = 16, MaxChains = 64, MaxSteps = 1024;

    /// <summary>Puts those frames where they were.</summary>
    public IReadOnlyList<StackFrame> Insert(IReadOnlyList<StackFrame> stack)
    {
        List<StackFrame> all = [];
        for (int at = 0; at < stack.Count; at++)
        {
            all.Add(stack[at]);
            if (at + 1 < stack.Count && stack[at + 1] is { IsReturnAddress: true } caller && !stack[at].IsSignalTrampoline)
                all.AddRange(Between(stack[at], caller));
        }

        return all;
    }

    /// <summary>The frames between one and its caller, the innermost first.</summary>
    private IEnumerable<StackFrame> Between(StackFrame callee, StackFrame caller)
    {
        if (target.ImageAt(caller.Address - 1) is not { Debug: { } debug } image)
            return [];
        ulong inCallee = callee.Address - (callee.IsReturnAddress ? 1u : 0);
        if (!image.Contains(inCallee) || debug.FunctionsAt(inCallee - image.Bias) is not [.., { EntryAddress: ulong entry }]
            || debug.CallBefore(caller.Address - image.Bias) is not { CalleeAddress: ulong first } || first == entry)
            return [];
        var search = new Search(debug, entry);
        search.From(first);
        return search.Known.Reverse().Select(call => Frame(caller, call.ReturnAddress + image.Bias));
    }

    private static StackFrame Frame(StackFrame caller, ulong address)
    {
        RegisterValues registers = caller.Registers.Copy();
        registers[registers.InstructionPointerNumber] = address;

        // Where it jumps it has nothing on the stack any more but, on x86-64, the way back.
        if (registers.Architecture == Binaries.Architecture.X64)
            registers[registers.StackPointerNumber] = registers.StackPointer - sizeof(ulong);
        return caller with { Registers = registers, IsTailCall = true };
    }

    /// <summary>Looks for the ways from a function to another by jumps alone.</summary>
    private sealed class Search(DebugInfo debug, ulong to)
    {
        private readonly List<DebugCall> _way = [];
        private readonly List<DebugCall[]> _ways = [];
        private int _steps;
        private bool _isUnknown;

        /// <summary>The calls that all ways begin with, and those that all end with; none where nobody knows where one leads.</summary>
        public IEnumerable<DebugCall> Known
        {
            get
            {
                if (_isUnknown || _ways is not [var way, .. var others])
                    return [];
                int begin = way.Length, end = way.Length;
                foreach (DebugCall[] other in others)
                {
                    begin = Math.Min(begin, way.Zip(other).TakeWhile(static pair => pair.First == pair.Second).Count());
                    end = Math.Min(end, way.Reverse().Zip(other.Reverse()).TakeWhile(static pair => pair.First == pair.Second).Count());
                }

                return begin == way.Length ? way : way.Take(begin).Concat(way.TakeLast(end));
            }
        }

        public void From(ulong function)
        {
            if (_way.Count == MaxDepth || ++_steps > MaxSteps || debug.FunctionsAt(function) is not [.., var at])
            {
                _isUnknown |= _steps > MaxSteps;
                return;
            }

            foreach (DebugCall call in debug.CallsIn(at).Where(static call => call.IsTail))
            {
                _isUnknown |= call.CalleeName is null || _ways.Count == MaxChains;
                if (_isUnknown || call.CalleeAddress is not ulong callee || _way.Exists(each => each.CalleeAddress == callee))
                    continue;
                _way.Add(call);
                if (callee == to)
                    _ways.Add([.. _way]);
                else
                    From(callee);
                _way.RemoveAt(_way.Count - 1);
            }
        }
    }
}
