using Virtap.Binaries.Code;
using Virtap.Language.Library;
using Virtap.Tracing.Ir;

namespace Virtap.Tracing.Lowering;

/// <summary>
/// Target variables, which the site describes by the thread's registers and memory, in the nodes that the script's own arithmetic is made
/// of.
/// </summary>
public static class TargetReads
{
    /// <summary>The value, read at a hit.</summary>
    /// <param name="value">What the site says; addresses of the image have been made relative to the site.</param>
    /// <param name="site">Where what cannot be read raises a read fault.</param>
    /// <param name="operands">The script's own numbers that the value is computed from.</param>
    public static LongExpression Of(MachineExpression value, int site, params IReadOnlyList<LongExpression> operands) =>
        Of(value, MemorySpace.Target, site, operands);

    /// <inheritdoc cref="Of(MachineExpression, int, IReadOnlyList{LongExpression})"/>
    /// <param name="value">What the site says; addresses of the image have been made relative to the site.</param>
    /// <param name="space">Whose memory its addresses are of.</param>
    /// <param name="site">Where what cannot be read raises a read fault.</param>
    /// <param name="operands">The script's own numbers that the value is computed from.</param>
    public static LongExpression Of(
        MachineExpression value, MemorySpace space, int site, IReadOnlyList<LongExpression> operands) => value switch
    {
        OperandValue operand => operands[operand.Number],
        ConstantValue constant => new LongConstant(constant.Value),
        EventWord word => new TracepointWord(word.Number),
        ReturningFunction => new ContextLong(ContextValue.ReturningFunction),
        RegisterValue register => new TargetRegister(register.Register, site),
        ExtendValue extend => new LongExtend(Of(extend.Operand, space, site, operands), extend.Size, extend.SignExtend),
        LoadValue load => new TargetLoad(Of(load.Address, space, site, operands), load.Size, load.SignExtend, site, space),
        BinaryValue binary => new LongBinary(
            OperatorOf(binary.Operator), Of(binary.Left, space, site, operands), Of(binary.Right, space, site, operands)),
        ImageAddress => throw new InvalidOperationException("an address of the image was not made relative to its probe site"),
        _ => throw new InvalidOperationException($"{value.GetType().Name} is no machine expression"),
    };

    private static LongOperator OperatorOf(MachineOperator operation) => operation switch
    {
        MachineOperator.Add => LongOperator.Add,
        MachineOperator.Subtract => LongOperator.Subtract,
        MachineOperator.Multiply => LongOperator.Multiply,
        MachineOperator.And => LongOperator.And,
        MachineOperator.Or => LongOperator.Or,
        MachineOperator.Xor => LongOperator.Xor,
        MachineOperator.ShiftLeft => LongOperator.ShiftLeft,
        MachineOperator.ShiftRightLogical => LongOperator.ShiftRightLogical,
        MachineOperator.ShiftRightArithmetic => LongOperator.ShiftRight,
        MachineOperator.Equal => LongOperator.Equal,
        MachineOperator.NotEqual => LongOperator.NotEqual,
        MachineOperator.LessSigned => LongOperator.Less,
        MachineOperator.LessUnsigned => LongOperator.LessUnsigned,
    };
}
