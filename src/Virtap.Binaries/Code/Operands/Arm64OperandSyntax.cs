using Virtap.Binaries.Elf;

namespace Virtap.Binaries.Code.Operands;

/// <summary>The syntax of AArch64: <c>w0</c>, <c>5</c>, <c>[sp, 16]</c>, <c>[x0, w1, sxtw #2]</c>, <c>[x0, #:lo12:symbol]</c>.</summary>
internal sealed class Arm64OperandSyntax : OperandSyntax
{
    public static readonly Arm64OperandSyntax Instance = new();

    private const int StackPointer = 31;

    public override Operand Read(ReadOnlySpan<char> text, int size, bool signed, ImageSymbols symbols)
    {
        text = text.Trim();
        if (text.StartsWith('['))
            return ReadMemory(text, size, signed, symbols);
        if (TryNumber(text.TrimStart('#'), out long number))
            return Operand.Of(Extend(MachineExpression.Constant(number), size, signed));
        if (TryRegister(text, out MachineExpression register, out int width))
            return Operand.Of(Extend(register, size == 0 ? width : size, signed));
        return Operand.Not(IsVectorRegister(text) ? $"{text} is not a general register" : $"'{text}' is not understood");
    }

    private static Operand ReadMemory(ReadOnlySpan<char> text, int size, bool signed, ImageSymbols symbols)
    {
        if (text.IndexOf(']') is int close && close != text.Length - 1)
            return Operand.Not(
                close < 0 ? $"'{text}' is not understood" : $"'{text}' changes its address register, which a probe cannot follow");

        ReadOnlySpan<char> inner = text[1..^1];
        Span<Range> parts = stackalloc Range[4];
        int count = inner.Split(parts, ',', StringSplitOptions.TrimEntries);
        if (!TryRegister(inner[parts[0]], out MachineExpression address, out int width) || width != 8)
            return Operand.Not($"'{text}' is not understood");
        if (count > 1)
        {
            Operand offset = ReadOffset(text, inner[parts[1]], count > 2 ? inner[parts[2]] : default, symbols);
            if (offset.Value is null || count > 3)
                return offset.Value is null ? offset : Operand.Not($"'{text}' is not understood");
            address = Add(address, offset.Value);
        }

        return Operand.Of(Load(address, size, signed));
    }

    private static Operand ReadOffset(
        ReadOnlySpan<char> text, ReadOnlySpan<char> offset, ReadOnlySpan<char> extension, ImageSymbols symbols)
    {
        ReadOnlySpan<char> plain = offset.TrimStart('#');
        if (extension.IsEmpty && TryNumber(plain, out long number))
            return Operand.Of(MachineExpression.Constant(number));
        if (extension.IsEmpty && plain.StartsWith(":lo12:"))
        {
            // The other bits are in the register (adrp). Images are loaded at whole pages, so these twelve are the same everywhere.
            Operand symbol = ReadSum(plain[":lo12:".Length..], symbols);
            return symbol.Value is ImageAddress image ? Operand.Of(MachineExpression.Constant((long)(image.Address & 0xfff))) : symbol;
        }

        if (plain.StartsWith(':'))
            return Operand.Not($"'{text}' goes through the linker's tables, which is not supported yet");
        if (!TryRegister(offset, out MachineExpression index, out int width))
            return Operand.Not($"'{text}' is not understood");

        int space = extension.IndexOf(' ');
        ReadOnlySpan<char> kind = space < 0 ? extension : extension[..space];
        long shift = 0;
        if ((space >= 0 && !TryNumber(extension[space..].Trim().TrimStart('#'), out shift)) || shift is < 0 or > 4)
            return Operand.Not($"'{text}' is not understood");
        return kind switch
        {
            "" or "lsl" or "sxtx" or "uxtx" when width == 8 => Operand.Of(ShiftLeft(index, (int)shift)),
            "uxtw" when width == 4 => Operand.Of(ShiftLeft(Extend(index, 4, signed: false), (int)shift)),
            "sxtw" when width == 4 => Operand.Of(ShiftLeft(Extend(index, 4, signed: true), (int)shift)),
            _ => Operand.Not($"'{text}' is not understood"),
        };
    }

    private static bool TryRegister(ReadOnlySpan<char> name, out MachineExpression value, out int width)
    {
        (int number, width) = name switch
        {
            "sp" => (StackPointer, 8),
            "wsp" => (StackPointer, 4),
            "fp" => (29, 8),
            "lr" => (30, 8),
            "xzr" => (-1, 8),
            "wzr" => (-1, 4),
            ['x', .. var digits] when IsNumber(digits) => (int.Parse(digits), 8),
            ['w', .. var digits] when IsNumber(digits) => (int.Parse(digits), 4),
            _ => (-1, 0),
        };
        value = number < 0 ? MachineExpression.Constant(0) : new RegisterValue(new MachineRegister(Architecture.Arm64, number));
        return width != 0;
    }

    private static bool IsNumber(ReadOnlySpan<char> digits)
        => digits.Length is 1 or 2 && char.IsAsciiDigit(digits[0]) && char.IsAsciiDigit(digits[^1]) && int.Parse(digits) <= 30;

    private static bool IsVectorRegister(ReadOnlySpan<char> name)
        => name.Length is 2 or 3 && name[0] is 'b' or 'h' or 's' or 'd' or 'q' or 'v' && char.IsAsciiDigit(name[1])
            && char.IsAsciiDigit(name[^1]);
}
