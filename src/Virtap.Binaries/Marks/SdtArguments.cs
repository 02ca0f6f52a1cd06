using System.Globalization;
using Virtap.Binaries.Elf;
using Virtap.Binaries.Code.Operands;
using Virtap.Binaries.Types;

namespace Virtap.Binaries.Marks;

/// <summary>
/// Reads the arguments of an SDT note: operands between spaces, each <c>N@OPERAND</c>, where N is the size in bytes, negative for a signed
/// value, with an <c>f</c> behind it for a floating-point one. Old notes have operands alone.
/// </summary>
internal static class SdtArguments
{
    public static IReadOnlyList<MarkArgument> Parse(string text, Architecture architecture, ImageSymbols symbols)
    {
        List<MarkArgument> arguments = [];
        ReadOnlySpan<char> rest = text.AsSpan().Trim();
        bool sized = TypeOf(rest, out _) is not null;
        while (!rest.IsEmpty)
        {
            int end = EndOfArgument(rest, sized);
            ReadOnlySpan<char> argument = rest[..end].TrimEnd();
            CType? type = TypeOf(argument, out int length);
            Operand operand = Read(argument[length..], type, architecture, symbols);
            arguments.Add(new MarkArgument(null, type, operand.Value, operand.Unreadable));
            rest = rest[end..].TrimStart();
        }

        return arguments;
    }

    /// <summary>
    /// Operands of AArch64 have spaces in them, those of x86-64 need not have any. Where sizes are given, only a size begins an argument;
    /// otherwise a space outside of brackets ends one.
    /// </summary>
    private static int EndOfArgument(ReadOnlySpan<char> text, bool sized)
    {
        int depth = 0;
        for (int at = 0; at < text.Length; at++)
        {
            char c = text[at];
            depth += c is '(' or '[' ? 1 : c is ')' or ']' ? -1 : 0;
            if (c == ' ' && (sized ? TypeOf(text[(at + 1)..], out _) is not null : depth <= 0))
                return at;
        }

        return text.Length;
    }

    private static Operand Read(ReadOnlySpan<char> operand, CType? type, Architecture architecture, ImageSymbols symbols) => type switch
    {
        null => OperandSyntax.Of(architecture).Read(operand, 0, signed: true, symbols),
        IntegerType { Bytes: 1 or 2 or 4 or 8 } integer =>
            OperandSyntax.Of(architecture).Read(operand, integer.Bytes, integer.IsSigned, symbols),
        FloatingType => Operand.Not($"a floating-point value ({operand}), which is not supported yet"),
        _ => Operand.Not($"a value of {type.Size} bytes ({operand})"),
    };

    /// <summary>
    /// The size and sign that an argument begins with, and how long they are with their <c>@</c>; null, and 0, where it begins with
    /// something else.
    /// </summary>
    private static CType? TypeOf(ReadOnlySpan<char> text, out int length)
    {
        length = 0;
        int at = text.StartsWith('-') ? 1 : 0;
        int digits = at;
        while (at < text.Length && at < digits + 3 && char.IsAsciiDigit(text[at]))
            at++;
        if (at == digits)
            return null;
        int size = int.Parse(text[..at], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        bool isFloat = at < text.Length && text[at] == 'f';
        if (isFloat)
            at++;
        if (at >= text.Length || text[at] != '@')
            return null;
        length = at + 1;
        int bytes = Math.Abs(size);
        return isFloat
            ? new FloatingType(bytes == 4 ? "float" : bytes == 8 ? "double" : "long double", bytes)
            : new IntegerType(null, bytes, size < 0);
    }
}
