using Virtap.Binaries.Code.X64;
using Virtap.Binaries.Elf;

namespace Virtap.Binaries.Code.Operands;

/// <summary>The AT&amp;T syntax of x86-64: <c>%eax</c>, <c>$5</c>, <c>-8(%rbp)</c>, <c>(%rax,%rbx,4)</c>, <c>symbol+4(%rip)</c>.</summary>
internal sealed class X64OperandSyntax : OperandSyntax
{
    public static readonly X64OperandSyntax Instance = new();

    public override Operand Read(ReadOnlySpan<char> text, int size, bool signed, ImageSymbols symbols)
    {
        text = text.Trim();
        if (text.StartsWith('$'))
        {
            Operand constant = ReadSum(text[1..], symbols);
            return constant.Value is null ? constant : Operand.Of(Extend(constant.Value, size, signed));
        }

        if (!text.StartsWith('%'))
            return ReadMemory(text, size, signed, symbols);
        if (text.Contains(':'))
            return Operand.Not($"it lies in thread-local storage ({text}), which is not supported yet");

        // The size before the @ governs: compilers have been seen to name a narrower part of the register than the value takes.
        return X64Registers.TryParse(text[1..], out MachineExpression? register, out int width)
            ? Operand.Of(Extend(register!, size == 0 ? width : size, signed))
            : Operand.Not($"{text} is not a general register");
    }

    private static Operand ReadMemory(ReadOnlySpan<char> text, int size, bool signed, ImageSymbols symbols)
    {
        int open = text.IndexOf('(');
        ReadOnlySpan<char> displacementText = open < 0 ? text : text[..open];
        int at = displacementText.IndexOf('@');
        if (at >= 0)
        {
            return Operand.Not(displacementText[at..].Contains("tpoff", StringComparison.OrdinalIgnoreCase)
                ? $"it lies in thread-local storage ({text}), which is not supported yet"
                : $"'{text}' goes through the linker's tables, which is not supported yet");
        }

        if (text.IsEmpty || (open >= 0 && !text.EndsWith(')')))
            return Operand.Not($"'{text}' is not understood");
        Operand displacement = ReadSum(displacementText, symbols);
        if (displacement.Value is null || open < 0)
            return displacement.Value is null ? displacement : Operand.Of(Load(displacement.Value, size, signed));
        Operand address = ReadAddress(text, text[(open + 1)..^1], displacement.Value);
        return address.Value is null ? address : Operand.Of(Load(address.Value, size, signed));
    }

    /// <summary>The address of what stands in parentheses: base, index, scale, of which the first or the last two may be missing.</summary>
    private static Operand ReadAddress(ReadOnlySpan<char> text, ReadOnlySpan<char> inner, MachineExpression displacement)
    {
        Span<Range> parts = stackalloc Range[4];
        int count = inner.Split(parts, ',', StringSplitOptions.TrimEntries);
        ReadOnlySpan<char> baseName = inner[parts[0]];
        if (count == 1 && baseName is "%rip")
        {
            return displacement is ImageAddress
                ? Operand.Of(displacement)
                : Operand.Not($"'{text}' is relative to an instruction that the note does not name");
        }

        MachineExpression address = MachineExpression.Constant(0);
        if (baseName.IsEmpty ? count == 1 : !TryRegister(baseName, out address))
            return Operand.Not($"'{text}' is not understood");
        if (count > 1)
        {
            long scale = 1;
            if (count > 3 || !TryRegister(inner[parts[1]], out MachineExpression index)
                || (count == 3 && !(TryNumber(inner[parts[2]], out scale) && scale is 1 or 2 or 4 or 8)))
                return Operand.Not($"'{text}' is not understood");
            address = Add(address, ShiftLeft(index, (int)long.Log2(scale)));
        }

        return Operand.Of(Add(address, displacement));
    }

    private static bool TryRegister(ReadOnlySpan<char> text, out MachineExpression value)
    {
        bool found = X64Registers.TryParse(text.TrimStart('%'), out MachineExpression? register, out int width) && width >= 4
            && text.StartsWith('%');
        value = found ? Extend(register!, width, signed: false) : MachineExpression.Constant(0);
        return found;
    }
}
