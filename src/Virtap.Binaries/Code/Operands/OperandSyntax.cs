using System.Globalization;
using Virtap.Binaries.Elf;

namespace Virtap.Binaries.Code.Operands;

/// <summary>How an assembler writes the operands of a processor's instructions; SDT notes hold their arguments in this form.</summary>
internal abstract class OperandSyntax
{
    private protected OperandSyntax()
    {
    }

    /// <summary>The syntax of a processor.</summary>
    public static OperandSyntax Of(Architecture architecture) => architecture switch
    {
        Architecture.X64 => X64OperandSyntax.Instance,
        _ => Arm64OperandSyntax.Instance,
    };

    /// <summary>Reads an operand.</summary>
    /// <param name="text">Its text, without the size: <c>-16(%rbp)</c>.</param>
    /// <param name="size">Bytes of the value: 1, 2, 4, 8; or 0 where nobody said: a register's own width, and a word in memory.</param>
    /// <param name="signed">Whether the value is widened by its sign.</param>
    /// <param name="symbols">The symbols it may name.</param>
    public abstract Operand Read(ReadOnlySpan<char> text, int size, bool signed, ImageSymbols symbols);

    /// <summary>The low bytes of a value as 64 bits; a constant stays one.</summary>
    protected static MachineExpression Extend(MachineExpression value, int size, bool signed)
    {
        if (size is 0 or 8)
            return value;
        if (value is not ConstantValue { Value: long constant })
            return new ExtendValue(value, size, signed);
        int spare = 64 - size * 8;
        return MachineExpression.Constant(signed ? constant << spare >> spare : (long)((ulong)constant << spare >> spare));
    }

    /// <summary>A load of a size from an address; a word where nobody said the size.</summary>
    protected static MachineExpression Load(MachineExpression address, int size, bool signed)
        => new LoadValue(address, size == 0 ? 8 : size, signed && size is not (0 or 8));

    protected static MachineExpression Add(MachineExpression left, MachineExpression right) => (left, right) switch
    {
        (ConstantValue a, ConstantValue b) => MachineExpression.Constant(a.Value + b.Value),
        (ConstantValue { Value: 0 }, _) => right,
        (_, ConstantValue { Value: 0 }) => left,
        (ImageAddress a, ConstantValue b) => new ImageAddress(a.Address + (ulong)b.Value),
        (ConstantValue, _) => new BinaryValue(MachineOperator.Add, right, left),
        _ => new BinaryValue(MachineOperator.Add, left, right),
    };

    protected static MachineExpression ShiftLeft(MachineExpression value, int bits)
        => bits == 0 ? value : new BinaryValue(MachineOperator.ShiftLeft, value, MachineExpression.Constant(bits));

    /// <summary>A number as assemblers and compilers write it: decimal or <c>0x</c>, with a sign. What would be octal is refused.</summary>
    protected static bool TryNumber(ReadOnlySpan<char> text, out long number)
    {
        text = text.Trim();
        bool negative = text.StartsWith('-');
        if (negative || text.StartsWith('+'))
            text = text[1..].TrimStart();
        bool hexadecimal = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        bool read = ulong.TryParse(
            hexadecimal
                ? text[2..]
                : text, hexadecimal ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out ulong value);
        number = negative ? -(long)value : (long)value;
        return read && (hexadecimal || text.Length == 1 || text[0] != '0');
    }

    /// <summary>
    /// A sum of numbers and at most one symbol, as a displacement is: <c>8</c>, <c>table+16</c>, <c>-4+table</c>.
    /// The symbol becomes its address in the image.
    /// </summary>
    protected static Operand ReadSum(ReadOnlySpan<char> text, ImageSymbols symbols)
    {
        MachineExpression sum = MachineExpression.Constant(0);
        ReadOnlySpan<char> rest = text.Trim();
        while (!rest.IsEmpty)
        {
            int end = rest[1..].IndexOfAny('+', '-') + 1;
            ReadOnlySpan<char> term = (end == 0 ? rest : rest[..end]).Trim();
            rest = end == 0 ? default : rest[end..];
            if (TryNumber(term, out long number))
            {
                sum = Add(sum, MachineExpression.Constant(number));
                continue;
            }

            ReadOnlySpan<char> name = term.TrimStart('+').TrimStart();
            if (sum is ImageAddress || !IsSymbolName(name))
                return Operand.Not($"'{text}' is not understood");
            if (symbols.Resolve(name.ToString(), out string? reason) is not ulong address)
                return Operand.Not(reason!);
            sum = Add(new ImageAddress(address), sum);
        }

        return Operand.Of(sum);
    }

    private static bool IsSymbolName(ReadOnlySpan<char> name)
    {
        if (name.IsEmpty || char.IsAsciiDigit(name[0]))
            return false;
        foreach (char c in name)
        {
            if (!(char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '$' || c >= 0x80))
                return false;
        }

        return true;
    }
}

/// <summary>What became of an operand's text: a value, or the reason why there is none.</summary>
/// <param name="Value">How to read it; null where it cannot be read.</param>
/// <param name="Unreadable">Why not, for people; null where it can.</param>
internal readonly record struct Operand(MachineExpression? Value, string? Unreadable)
{
    public static Operand Of(MachineExpression value) => new(value, null);

    public static Operand Not(string reason) => new(null, reason);
}
