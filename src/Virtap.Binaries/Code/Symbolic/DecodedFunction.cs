namespace Virtap.Binaries.Code.Symbolic;

/// <summary>Where control goes after an instruction.</summary>
internal enum FlowKind
{
    /// <summary>To the next instruction.</summary>
    Next,

    /// <summary>To a target.</summary>
    Jump,

    /// <summary>To a target or to the next instruction.</summary>
    ConditionalJump,

    /// <summary>To an address in a register or in memory.</summary>
    IndirectJump,

    /// <summary>To a function, and then to the next instruction if the function returns.</summary>
    Call,

    /// <summary>Out of the function.</summary>
    Return,

    /// <summary>Nowhere that is known: a trap, bytes that are no instruction.</summary>
    End,
}

/// <summary>Where control goes after an instruction.</summary>
/// <param name="Kind">In which way.</param>
/// <param name="Target">The target of a jump or of a call that has one in the instruction; else 0.</param>
internal readonly record struct Flow(FlowKind Kind, ulong Target)
{
    /// <summary>Whether the instruction itself says where a jump leads.</summary>
    public bool IsDirectJump => Kind is FlowKind.Jump or FlowKind.ConditionalJump;
}

/// <summary>What a conditional jump asks: the flags, or how a register compares with zero.</summary>
/// <param name="Condition">The condition on which it jumps.</param>
/// <param name="Register">The register that is compared; null for the flags.</param>
/// <param name="Size">How many of the register's bytes are compared.</param>
/// <param name="Bit">The one bit of the register that is compared; null for all.</param>
internal readonly record struct JumpTest(FlagCondition Condition, int? Register = null, int Size = 8, int? Bit = null)
{
    /// <summary>The flags that decide.</summary>
    public SymbolicFlags In(SymbolicMachine machine)
    {
        if (Register is not { } register)
            return machine.Flags;
        SymbolicValue value = machine[register];
        if (Bit is { } bit)
        {
            value = value.Apply(whole => MachineAlgebra.And(
                MachineAlgebra.ShiftRightLogical(whole, new ConstantValue(bit)), new ConstantValue(1)));
        }

        return SymbolicFlags.OfDifference(value.Low(Size), SymbolicValue.Constant(0), Size);
    }
}

/// <summary>
/// The decoded instructions of one function, whatever the processor, and how control passes between them. Code is taken to lie without gaps
/// from the first byte on, as compilers write it.
/// </summary>
internal abstract class DecodedFunction
{
    /// <summary>The largest function that is decoded, in bytes; QEMU's largest with a trace point has 14 kB.</summary>
    public const int MaxLength = 1 << 20;

    private readonly Dictionary<int, IReadOnlyList<int>> _tables = [];

    // The jumps to an instruction are those from its place in the first up to the next one's.
    private (int[] First, int[] Jumps)? _jumps;

    /// <summary>How many instructions there are.</summary>
    public abstract int Count { get; }

    /// <summary>The link-time address of an instruction.</summary>
    public abstract ulong AddressOf(int index);

    /// <summary>The instruction that begins at an address; -1 where none does.</summary>
    public abstract int IndexOf(ulong address);

    /// <summary>Where control goes after an instruction.</summary>
    public abstract Flow FlowOf(int index);

    /// <summary>Whether an instruction does nothing, so that it may be there for the next one's alignment alone.</summary>
    public abstract bool IsPadding(int index);

    /// <summary>Runs what an instruction does besides passing control on.</summary>
    public abstract void Step(int index, SymbolicMachine machine);

    /// <summary>What a conditional jump asks.</summary>
    public abstract JumpTest TestOf(int jump);

    /// <summary>The address to which an indirect jump goes.</summary>
    public abstract SymbolicValue AddressJumpedTo(int jump, SymbolicMachine machine);

    /// <summary>The jumps of this function that lead to an instruction, those by way of a table included.</summary>
    public ReadOnlySpan<int> JumpsTo(int index)
    {
        (int[] first, int[] jumps) = _jumps ??= FindJumps();
        return jumps.AsSpan(first[index]..first[index + 1]);
    }

    /// <summary>Where a jump by way of a table leads; empty where that is not known.</summary>
    public IReadOnlyList<int> TargetsOf(int jump)
    {
        _jumps ??= FindJumps();
        return _tables.GetValueOrDefault(jump, []);
    }

    /// <summary>The instructions that an indirect jump may lead to; empty where its table cannot be found.</summary>
    protected abstract IReadOnlyList<int> ReadTable(int jump);

    private (int[] First, int[] Jumps) FindJumps()
    {
        List<(int Target, int Jump)> found = [];
        for (int at = 0; at < Count; at++)
        {
            Flow flow = FlowOf(at);
            if (flow.IsDirectJump && IndexOf(flow.Target) is >= 0 and int target)
                found.Add((target, at));
            if (flow.Kind != FlowKind.IndirectJump)
                continue;
            _tables[at] = ReadTable(at);
            foreach (int label in _tables[at])
                found.Add((label, at));
        }

        var first = new int[Count + 1];
        foreach ((int target, _) in found)
            first[target + 1]++;
        for (int at = 0; at < Count; at++)
            first[at + 1] += first[at];
        var jumps = new int[found.Count];
        int[] next = first[..^1];
        foreach ((int target, int jump) in found)
            jumps[next[target]++] = jump;
        return (first, jumps);
    }
}
