using Virtap.Binaries.Code;

namespace Virtap.Binaries.Tests.Support;

/// <summary>Writes expressions in C, as gdb evaluates them.</summary>
internal static class Show
{
    private static readonly string[] s_x64 =
        ["rax", "rdx", "rcx", "rbx", "rsi", "rdi", "rbp", "rsp", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "rip"];

    public static string Of(MachineExpression expression) => expression switch
    {
        ConstantValue constant => constant.Value.ToString(),
        RegisterValue { Register: { Architecture: Architecture.X64 } register } => $"(long)${s_x64[register.DwarfNumber]}",
        RegisterValue { Register: var register } => register.DwarfNumber == 31 ? "$sp" : $"$x{register.DwarfNumber}",
        ImageAddress image => $"(bias+0x{image.Address:x})",
        LoadValue load => $"(long)*({Type(load.Size, load.SignExtend)} *)({Of(load.Address)})",
        ExtendValue extend => $"(long)({Type(extend.Size, extend.SignExtend)})({Of(extend.Operand)})",
        BinaryValue { Operator: MachineOperator.ShiftRightLogical } shift => $"((unsigned long){Of(shift.Left)} >> {Of(shift.Right)})",
        BinaryValue { Operator: MachineOperator.LessUnsigned } less =>
            $"((unsigned long){Of(less.Left)} < (unsigned long){Of(less.Right)})",
        BinaryValue binary => $"({Of(binary.Left)} {Symbol(binary.Operator)} {Of(binary.Right)})",
        _ => throw new NotSupportedException(expression.ToString()),
    };

    private static string Type(int size, bool signed)
        => (signed ? "" : "unsigned ") + size switch { 1 => "char", 2 => "short", 4 => "int", _ => "long" };

    private static string Symbol(MachineOperator op) => op switch
    {
        MachineOperator.Add => "+",
        MachineOperator.Subtract => "-",
        MachineOperator.Multiply => "*",
        MachineOperator.And => "&",
        MachineOperator.Or => "|",
        MachineOperator.Xor => "^",
        MachineOperator.ShiftLeft => "<<",
        MachineOperator.ShiftRightArithmetic => ">>",
        MachineOperator.Equal => "==",
        MachineOperator.NotEqual => "!=",
        MachineOperator.LessSigned => "<",
        _ => throw new NotSupportedException(op.ToString()),
    };
}
