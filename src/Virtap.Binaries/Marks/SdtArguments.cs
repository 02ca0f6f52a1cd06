using System.Globalization;
using Virtap.Binaries.Elf;
using Virtap.Binaries.Machine;
using Virtap.Binaries.Machine.Operands;

namespace Virtap.Binaries.Marks;

/// <summary>
/// Reads the arguments of an SDT note: operands between spaces, each <c>N@OPERAND</c>, where N is the size in bytes, negative for a signed value, with an
/// <c>f</c> behind it for a floating-point one. Old notes have operands alone.
/// </summary>
internal static class SdtArguments
{
    public static IReadOnlyList<MarkArgument> Parse(string text, Architecture architecture, ImageSymbols symbols)
    {
        List<MarkArgument> arguments = [];
        ReadOnlySpan<char> rest = text.AsSpan().Trim();
        bool sized = TrySize(rest, out _, out _, out _);
        while (!rest.IsEmpty)
        {
            int end = EndOfArgument(rest, sized);
            Operand operand = Read(rest[..end].TrimEnd(), architecture, symbols);
            arguments.Add(new MarkArgument(null, null, operand.Value, operand.Unreadable));
            rest = rest[end..].TrimStart();
        }

        return arguments;
    }

    /// <summary>
    /// Operands of AArch64 have spaces in them, those of x86-64 need not have any. Where sizes are given, only a size begins an argument; otherwise a space
    /// outside of brackets ends one.
    /// </summary>
    private static int EndOfArgument(ReadOnlySpan<char> text, bool sized)
    {
        int depth = 0;
        for (int at = 0; at < text.Length; at++)
        {
            char c = text[at];
            depth += c is '(' or '[' ? 1 : c is ')' or ']' ? -1 : 0;
            if (c == ' ' && (sized ? TrySize(text[(at + 1)..], out _, out _, out _) : depth <= 0))
                return at;
        }

        return text.Length;
    }

    private static Operand Read(ReadOnlySpan<char> text, Architecture architecture, ImageSymbols symbols)
    {
        if (!TrySize(text, out int size, out bool isFloat, out int length))
            return OperandSyntax.Of(architecture).Read(text, 0, signed: true, symbols);
        ReadOnlySpan<char> operand = text[length..];
        if (isFloat)
            return Operand.Not($"a floating-point value ({operand}), which is not supported yet");
        return Math.Abs(size) is 1 or 2 or 4 or 8
            ? OperandSyntax.Of(architecture).Read(operand, Math.Abs(size), size < 0, symbols)
            : Operand.Not($"a value of {Math.Abs(size)} bytes ({operand})");
    }

    /// <summary>The size that an argument begins with.</summary>
    private static bool TrySize(ReadOnlySpan<char> text, out int size, out bool isFloat, out int length)
    {
        size = 0;
        isFloat = false;
        length = 0;
        int at = text.StartsWith('-') ? 1 : 0;
        int digits = at;
        while (at < text.Length && at < digits + 3 && char.IsAsciiDigit(text[at]))
            at++;
        if (at == digits)
            return false;
        size = int.Parse(text[..at], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        if (at < text.Length && text[at] == 'f')
        {
            isFloat = true;
            at++;
        }

        length = at + 1;
        return at < text.Length && text[at] == '@';
    }
}
