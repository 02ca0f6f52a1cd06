using Iced.Intel;
using Virtap.Binaries.Machine.X64;

namespace Virtap.Binaries.Marks.Recovered;

/// <summary>
/// A function that has trace events: which of its conditional jumps are decisions (they test <c>trace_events_enabled_count</c>), and which
/// of its code runs although no event is on. The rest is cold: it is reached through decisions only.
/// </summary>
internal sealed class TracedFunction
{
    private readonly QemuTracing _tracing;
    private readonly X64Definitions _definitions;
    private readonly Dictionary<int, bool> _isDecision = [];
    private readonly bool[] _runsIdle;
    private readonly int _loadedWithCount;

    public TracedFunction(QemuTracing tracing, X64Symbols symbols, X64Function code)
    {
        Code = code;
        _tracing = tracing;
        _definitions = new X64Definitions(code, call => symbols.Returns(call));
        for (int at = 0; at < code.Count; at++)
        {
            if (code[at].Mnemonic == Mnemonic.Mov && Loads(code[at], 1, tracing.EnabledCount) && X64Registers.NumberOf(code[at].Op0Register) is >= 0 and int number)
                _loadedWithCount |= 1 << number;
            HasFramePointer |= code[at] is { Mnemonic: Mnemonic.Mov, Op0Register: Register.RBP, Op1Register: Register.RSP }
                or { Mnemonic: Mnemonic.Lea, Op0Register: Register.RBP, MemoryBase: Register.RSP };
        }

        _runsIdle = FollowIdle(symbols);
    }

    /// <summary>The instructions.</summary>
    public X64Function Code { get; }

    /// <summary>Whether rbp points into the function's frame somewhere.</summary>
    public bool HasFramePointer { get; }

    /// <summary>Whether an instruction may run while no event is on.</summary>
    public bool RunsIdle(int index) => _runsIdle[index];

    /// <summary>Whether a conditional jump tests that any event is on.</summary>
    public bool IsDecision(int jump)
    {
        if (!_isDecision.TryGetValue(jump, out bool known))
            _isDecision[jump] = known = Code[jump].ConditionCode is ConditionCode.e or ConditionCode.ne && TestsCount(jump);
        return known;
    }

    /// <summary>Whether a decision jumps if some event is on; otherwise it jumps if none is.</summary>
    public bool JumpsIfOn(int decision) => Code[decision].ConditionCode == ConditionCode.ne;

    /// <summary>Whether a register holds a variable of four bytes at an instruction, whichever way led there.</summary>
    public bool Holds(int at, Register register, ulong variable) => _definitions.OfRegister(at, register) is { Count: > 0 } loads
        && loads.TrueForAll(load => Code[load].Mnemonic == Mnemonic.Mov && Loads(Code[load], 1, variable));

    private bool TestsCount(int jump) => _definitions.OfFlags(jump) is { Count: > 0 } setters && setters.TrueForAll(setter =>
    {
        Instruction instruction = Code[setter];
        return instruction.Mnemonic switch
        {
            Mnemonic.Cmp when IsZero(instruction) => Loads(instruction, 0, _tracing.EnabledCount) || HoldsCount(setter, instruction),
            Mnemonic.Test when instruction.Op0Kind == OpKind.Register && instruction.Op1Kind == OpKind.Register && instruction.Op0Register == instruction.Op1Register
                => HoldsCount(setter, instruction),
            _ => false,
        };
    });

    private bool HoldsCount(int at, in Instruction test)
        => test.Op0Kind == OpKind.Register && test.Op0Register.GetSize() == 4 && (_loadedWithCount >> X64Registers.NumberOf(test.Op0Register) & 1) != 0
            && Holds(at, test.Op0Register, _tracing.EnabledCount);

    private static bool Loads(in Instruction instruction, int operand, ulong variable)
        => instruction.GetOpKind(operand) == OpKind.Memory && instruction.IsIPRelativeMemoryOperand && instruction.IPRelativeMemoryAddress == variable;

    private static bool IsZero(in Instruction compare) => compare.Op1Kind is not (OpKind.Register or OpKind.Memory) && compare.GetImmediate(1) == 0;

    private bool[] FollowIdle(X64Symbols symbols)
    {
        var runs = new bool[Code.Count];
        Stack<int> next = new();
        for (int at = 0; at < Code.Count; at++)
        {
            // Entered from outside, or in a way that is not known; but padding is not.
            if (at == 0 || (Code[at].Mnemonic != Mnemonic.Nop && Code.JumpsTo(at).IsEmpty && !IsFallenInto(at, symbols)))
                next.Push(at);
        }

        while (next.TryPop(out int at))
        {
            if (runs[at])
                continue;
            runs[at] = true;
            bool isDecision = Code[at].FlowControl == FlowControl.ConditionalBranch && IsDecision(at);
            if (IsFollowed(at, symbols) && !(isDecision && !JumpsIfOn(at)))
                next.Push(at + 1);
            if (X64Function.IsDirectJump(Code[at]) && !(isDecision && JumpsIfOn(at)) && Code.IndexOf(Code[at].NearBranchTarget) is >= 0 and int target)
                next.Push(target);
            foreach (int label in Code.TargetsOf(at))
                next.Push(label);
        }

        return runs;
    }

    /// <summary>Whether the instruction before goes on to this one; padding does not, unless something jumps or falls into the padding.</summary>
    private bool IsFallenInto(int at, X64Symbols symbols)
    {
        while (at > 0 && Code[at - 1].Mnemonic == Mnemonic.Nop && Code.JumpsTo(at - 1).IsEmpty)
            at--;
        return at > 0 && IsFollowed(at - 1, symbols);
    }

    private bool IsFollowed(int at, X64Symbols symbols)
        => at + 1 < Code.Count && X64Function.FallsThrough(Code[at]) && (Code[at].FlowControl != FlowControl.Call || symbols.Returns(Code[at]));
}
