namespace Virtap.Binaries.Code.Symbolic;

/// <summary>
/// A value of 64 bits as an expression over the state at the probe site, or the reason why there is none.
/// Of some values only the low bytes are known: what lies above a byte that was written into an unknown register.
/// </summary>
internal readonly record struct SymbolicValue
{
    /// <summary>
    /// Longer computations are given up. The longest that is asked for puts four fields of a queue together, whose address is computed anew
    /// for each: some 100.
    /// </summary>
    private const int MaxWeight = 256;

    private const string TooLong = "its computation is too long";

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
    public static SymbolicValue Of(MachineExpression expression) => new SymbolicValue(expression, null, 8).UpTo(MaxWeight);

    public static SymbolicValue Constant(long value) => new(new ConstantValue(value), null, 8);

    /// <summary>A value that is not known.</summary>
    public static SymbolicValue Unknown(string reason) => new(null, reason, 0);

    /// <summary>This value, unless it has more nodes than a limit.</summary>
    public SymbolicValue UpTo(int weight) =>
        Expression is null || MachineAlgebra.Weigh(Expression, weight + 1) <= weight ? this : Unknown(TooLong);

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

    /// <summary>A sum with a constant.</summary>
    public SymbolicValue Plus(long constant)
        => KnownBytes == 8 ? Of(MachineAlgebra.Add(Expression!, new ConstantValue(constant))) : Unknown(Reason);

    /// <summary>One of two values, as a condition (1 or 0) has it; both must be known.</summary>
    public static SymbolicValue Select(SymbolicValue condition, SymbolicValue then, SymbolicValue otherwise)
    {
        if (condition.KnownBytes < 8)
            return Unknown(condition.Reason);
        return Apply(then, otherwise, (a, b) => MachineAlgebra.Select(condition.Expression!, a, b));
    }

    /// <summary>A function of this value, if it is known.</summary>
    public SymbolicValue Apply(Func<MachineExpression, MachineExpression> function)
        => KnownBytes == 8 ? Of(function(Expression!)) : Unknown(Reason);

    /// <summary>A function of two values, if both are known.</summary>
    public static SymbolicValue Apply(
        SymbolicValue left, SymbolicValue right, Func<MachineExpression, MachineExpression, MachineExpression> function)
    {
        if (left.KnownBytes < 8)
            return Unknown(left.Reason);
        return right.KnownBytes < 8 ? Unknown(right.Reason) : Of(function(left.Expression!, right.Expression!));
    }
}
