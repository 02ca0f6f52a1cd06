using Virtap.Binaries.Machine;

namespace Virtap.Tracing.Lowering.Printing;

/// <summary>A target's value in a line: <c>r5</c> is a register by its DWARF number, <c>[r7+8]:4s</c> four bytes of memory, signed.</summary>
internal static class MachineExpressionText
{
    public static string Of(MachineExpression value) => value switch
    {
        ConstantValue constant => constant.Value.ToString(),
        RegisterValue register => $"r{register.Register.DwarfNumber}",
        ImageAddress address => $"image+0x{address.Address:x}",
        LoadValue load => $"[{Of(load.Address)}]:{load.Size}{Sign(load.SignExtend)}",
        ExtendValue extend => $"{Of(extend.Operand)}:{extend.Size}{Sign(extend.SignExtend)}",
        BinaryValue { Operator: MachineOperator.Add, Right: ConstantValue { Value: < 0 } constant } binary => $"{Of(binary.Left)}{constant.Value}",
        BinaryValue { Operator: MachineOperator.Add } binary => $"{Of(binary.Left)}+{Of(binary.Right)}",
        BinaryValue binary => $"{binary.Operator}({Of(binary.Left)}, {Of(binary.Right)})",
        _ => value.ToString(),
    };

    private static string Sign(bool isSigned) => isSigned ? "s" : "u";
}
