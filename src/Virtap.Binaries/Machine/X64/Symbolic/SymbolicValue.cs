namespace Virtap.Binaries.Machine.X64.Symbolic;

/// <summary>
/// A value of 64 bits as an expression over the state at the probe site, or the reason why there is none.
/// Of some values only the low bytes are known: what lies above a byte that was written into an unknown register.
/// </summary>
internal readonly record struct SymbolicValue
{
    /// <summary>
    /// Longer computations are not believed to be anyone's argument; each node costs instructions in every hit. The longest in QEMU
    /// swap the bytes of a loaded word: some 30.
    /// </summary>
    private const int MaxWeight = 64;

    private readonly string? _unknown;

    private SymbolicValue(MachineExpression? expression, string? unknown, int knownBytes)
    {
        Expression = expression;
        _unknown = unknown;
        KnownBytes = knownBytes;
    }

    /// <summary>The value, where it is known.</summary>
    public MachineExpression? Expression { get; }

    /// <summary>How many low bytes of <see cref="Expression"/> are true: 8, 2, 1, or 0 where there is none.</summary>
    public int KnownBytes { get; }

    /// <summary>Why the value is not known, for people: what stands after "cannot be read: ".</summary>
    public string Reason => _unknown ?? "its value is not followed";

    public static implicit operator SymbolicValue(MachineExpression expression) => Of(expression);

    /// <summary>A known value, unless its computation is too long.</summary>
    public static SymbolicValue Of(MachineExpression expression) => MachineAlgebra.Weigh(expression, MaxWeight + 1) > MaxWeight
        ? Unknown("its computation is too long")
        : new SymbolicValue(expression, null, 8);

    public static SymbolicValue Constant(long value) => new(new ConstantValue(value), null, 8);

    /// <summary>A value that is not known.</summary>
    public static SymbolicValue Unknown(string reason) => new(null, reason, 0);

    /// <summary>The low bytes, the rest zero.</summary>
    public SymbolicValue Low(int size, bool signExtend = false)
    {
        if (Expression is null)
            return this;
        if (size > KnownBytes)
            return Unknown(Reason);
        return Of(MachineAlgebra.Extend(Expression, size, signExtend));
    }

    /// <summary>This value with its low bytes replaced, as a write to al or ax does.</summary>
    public SymbolicValue WithLow(SymbolicValue low, int size)
    {
        if (low.Expression is null)
            return low;
        if (Expression is null || KnownBytes < 8)
            return new SymbolicValue(low.Expression, _unknown, size);
        MachineExpression kept = MachineAlgebra.And(Expression, new ConstantValue(-1L << (size * 8)));
        return Of(MachineAlgebra.Or(kept, MachineAlgebra.Extend(low.Expression, size, signExtend: false)));
    }

    /// <summary>A function of this value, if it is known.</summary>
    public SymbolicValue Apply(Func<MachineExpression, MachineExpression> function)
        => KnownBytes == 8 ? Of(function(Expression!)) : Unknown(Reason);

    /// <summary>A function of two values, if both are known.</summary>
    public static SymbolicValue Apply(SymbolicValue left, SymbolicValue right, Func<MachineExpression, MachineExpression, MachineExpression> function)
    {
        if (left.KnownBytes < 8)
            return Unknown(left.Reason);
        return right.KnownBytes < 8 ? Unknown(right.Reason) : Of(function(left.Expression!, right.Expression!));
    }
}
