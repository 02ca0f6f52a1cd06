using Iced.Intel;

namespace Virtap.Binaries.Machine.X64.Symbolic;

/// <summary>The arithmetic flags, remembered as the operation that set them last.</summary>
/// <param name="Origin">What kind of operation it was.</param>
/// <param name="Left">Its left operand, or its result; widened by zeros.</param>
/// <param name="Right">Its right operand, of a difference; widened by zeros.</param>
/// <param name="Size">Bytes of the operands.</param>
internal readonly record struct SymbolicFlags(FlagsOrigin Origin, SymbolicValue Left, SymbolicValue Right, int Size)
{
    /// <summary>Flags of which nothing is known.</summary>
    public static SymbolicFlags Unknown(string reason) => new(FlagsOrigin.Unknown, SymbolicValue.Unknown(reason), default, 8);

    /// <summary>Flags of <c>cmp</c>, <c>sub</c> and <c>neg</c> (0 minus its operand).</summary>
    public static SymbolicFlags OfDifference(SymbolicValue left, SymbolicValue right, int size) => new(FlagsOrigin.Difference, left, right, size);

    /// <summary>Flags of <c>test</c> and the logical operations, which clear carry and overflow.</summary>
    public static SymbolicFlags OfLogic(SymbolicValue result, int size) => new(FlagsOrigin.Logic, result, SymbolicValue.Constant(0), size);

    /// <summary>Flags of which only zero and sign are followed: those of <c>add</c>, <c>inc</c>, shifts ...</summary>
    public static SymbolicFlags OfResult(SymbolicValue result, int size) => new(FlagsOrigin.Result, result, SymbolicValue.Constant(0), size);

    /// <summary>Whether a condition holds: 1 or 0.</summary>
    public SymbolicValue Condition(ConditionCode condition) => condition switch
    {
        ConditionCode.e => IsZero,
        ConditionCode.ne => Not(IsZero),
        ConditionCode.s => IsNegative,
        ConditionCode.ns => Not(IsNegative),
        ConditionCode.b => Below(Left, Right),
        ConditionCode.ae => Not(Below(Left, Right)),
        ConditionCode.a => Origin == FlagsOrigin.Logic ? Not(IsZero) : Below(Right, Left),
        ConditionCode.be => Origin == FlagsOrigin.Logic ? IsZero : Not(Below(Right, Left)),
        ConditionCode.l => Less(Left, Right),
        ConditionCode.ge => Not(Less(Left, Right)),
        ConditionCode.g => Less(Right, Left),
        ConditionCode.le => Not(Less(Right, Left)),
        _ => SymbolicValue.Unknown("it depends on the parity or overflow of a computation"),
    };

    private SymbolicValue IsZero => Origin == FlagsOrigin.Unknown
        ? Left
        : SymbolicValue.Apply(Left.Low(Size), Right.Low(Size), static (left, right) => MachineAlgebra.Compare(MachineOperator.Equal, left, right));

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
        FlagsOrigin.Difference => SymbolicValue.Apply(left.Low(Size), right.Low(Size), static (a, b) => MachineAlgebra.Compare(MachineOperator.LessUnsigned, a, b)),
        FlagsOrigin.Logic => SymbolicValue.Constant(0),
        _ => Untracked,
    };

    private SymbolicValue Less(SymbolicValue left, SymbolicValue right) => Origin is FlagsOrigin.Difference or FlagsOrigin.Logic
        ? SymbolicValue.Apply(left.Low(Size, signExtend: true), right.Low(Size, signExtend: true), LessSigned)
        : Untracked;

    private SymbolicValue Untracked => Origin == FlagsOrigin.Unknown ? Left : SymbolicValue.Unknown("it depends on the carry or overflow of a computation");

    private static SymbolicValue Not(SymbolicValue truth) => truth.Apply(static value => MachineAlgebra.Xor(value, new ConstantValue(1)));

    private static MachineExpression LessSigned(MachineExpression left, MachineExpression right) => MachineAlgebra.Compare(MachineOperator.LessSigned, left, right);
}
