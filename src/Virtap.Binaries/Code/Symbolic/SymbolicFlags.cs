namespace Virtap.Binaries.Code.Symbolic;

/// <summary>What kind of operation set the flags.</summary>
internal enum FlagsOrigin
{
    /// <summary>One that is not followed.</summary>
    Unknown,

    /// <summary>A subtraction or comparison: all conditions follow from its operands.</summary>
    Difference,

    /// <summary>A logical operation of x86-64: carry and overflow are clear, the rest follows from its result.</summary>
    Logic,

    /// <summary>Another operation, of which zero and sign follow from its result.</summary>
    Result,
}

/// <summary>What an instruction may ask of the flags, after a comparison of two values.</summary>
internal enum FlagCondition
{
    Equal,
    NotEqual,
    Negative,
    NotNegative,
    Below,
    AboveOrEqual,
    Above,
    BelowOrEqual,
    Less,
    GreaterOrEqual,
    Greater,
    LessOrEqual,

    /// <summary>Parity, overflow.</summary>
    Other,
}

/// <summary>The arithmetic flags, remembered as the operation that set them last.</summary>
/// <param name="Origin">What kind of operation it was.</param>
/// <param name="Left">Its left operand, or its result; widened by zeros.</param>
/// <param name="Right">Its right operand, of a difference; widened by zeros.</param>
/// <param name="Size">Bytes of the operands.</param>
internal readonly record struct SymbolicFlags(FlagsOrigin Origin, SymbolicValue Left, SymbolicValue Right, int Size)
{
    /// <summary>Flags of which nothing is known.</summary>
    public static SymbolicFlags Unknown(string reason) => new(FlagsOrigin.Unknown, SymbolicValue.Unknown(reason), default, 8);

    /// <summary>Flags of a comparison, a subtraction and a negation (0 minus its operand).</summary>
    public static SymbolicFlags OfDifference(SymbolicValue left, SymbolicValue right, int size) =>
        new(FlagsOrigin.Difference, left, right, size);

    /// <summary>Flags of logical operations of x86-64, which clear carry and overflow.</summary>
    public static SymbolicFlags OfLogic(SymbolicValue result, int size) => new(FlagsOrigin.Logic, result, SymbolicValue.Constant(0), size);

    /// <summary>Flags of which only zero and sign are followed: those of additions, shifts ...</summary>
    public static SymbolicFlags OfResult(SymbolicValue result, int size) =>
        new(FlagsOrigin.Result, result, SymbolicValue.Constant(0), size);

    /// <summary>Whether a condition holds: 1 or 0.</summary>
    public SymbolicValue Holds(FlagCondition condition) => condition switch
    {
        FlagCondition.Equal => IsZero,
        FlagCondition.NotEqual => Not(IsZero),
        FlagCondition.Negative => IsNegative,
        FlagCondition.NotNegative => Not(IsNegative),
        FlagCondition.Below => Below(Left, Right),
        FlagCondition.AboveOrEqual => Not(Below(Left, Right)),
        FlagCondition.Above => Origin == FlagsOrigin.Logic ? Not(IsZero) : Below(Right, Left),
        FlagCondition.BelowOrEqual => Origin == FlagsOrigin.Logic ? IsZero : Not(Below(Right, Left)),
        FlagCondition.Less => Less(Left, Right),
        FlagCondition.GreaterOrEqual => Not(Less(Left, Right)),
        FlagCondition.Greater => Less(Right, Left),
        FlagCondition.LessOrEqual => Not(Less(Right, Left)),
        _ => SymbolicValue.Unknown("it depends on the parity or overflow of a computation"),
    };

    private SymbolicValue IsZero => Origin == FlagsOrigin.Unknown
        ? Left
        : SymbolicValue.Apply(
            Left.Low(Size), Right.Low(Size), static (left, right) => MachineAlgebra.Compare(MachineOperator.Equal, left, right));

    private SymbolicValue IsNegative
    {
        get
        {
            if (Origin == FlagsOrigin.Unknown)
                return Left;
            SymbolicValue result = Origin == FlagsOrigin.Difference ? SymbolicValue.Apply(Left, Right, MachineAlgebra.Subtract) : Left;
            return SymbolicValue.Apply(result.Low(Size, signExtend: true), SymbolicValue.Constant(0), LessSigned);
        }
    }

    private SymbolicValue Below(SymbolicValue left, SymbolicValue right) => Origin switch
    {
        FlagsOrigin.Difference =>
            SymbolicValue.Apply(
                left.Low(Size), right.Low(Size), static (a, b) => MachineAlgebra.Compare(MachineOperator.LessUnsigned, a, b)),
        FlagsOrigin.Logic => SymbolicValue.Constant(0),
        _ => Untracked,
    };

    private SymbolicValue Less(SymbolicValue left, SymbolicValue right) => Origin is FlagsOrigin.Difference or FlagsOrigin.Logic
        ? SymbolicValue.Apply(left.Low(Size, signExtend: true), right.Low(Size, signExtend: true), LessSigned)
        : Untracked;

    private SymbolicValue Untracked =>
        Origin == FlagsOrigin.Unknown ? Left : SymbolicValue.Unknown("it depends on the carry or overflow of a computation");

    private static SymbolicValue Not(SymbolicValue truth) => truth.Apply(static value => MachineAlgebra.Xor(value, new ConstantValue(1)));

    private static MachineExpression LessSigned(MachineExpression left, MachineExpression right) =>
        MachineAlgebra.Compare(MachineOperator.LessSigned, left, right);
}
