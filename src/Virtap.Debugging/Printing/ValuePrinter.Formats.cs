using System.Globalization;
using System.Numerics;
using System.Text;
using Virtap.Binaries.Types;
using Virtap.Debugging.Values;

namespace Virtap.Debugging.Printing;

/// <summary><c>print/x</c> and the other letters.</summary>
public sealed partial class ValuePrinter
{
    private void WriteFormatted(StringBuilder text, Value value, CType type, char format)
    {
        int bytes = (int)value.Size;
        BigInteger raw = Numbers.ReadUnsigned(value.Bytes);
        bool isSigned = type.Number?.IsSigned ?? type is FloatingType;
        switch (format)
        {
            case 'x':
                text.Append("0x").Append(Radix(raw, 16));
                break;
            case 'z':
                text.Append("0x").Append(Radix(raw, 16).PadLeft(bytes * 2, '0'));
                break;
            case 'o':
                text.Append(raw.IsZero ? "0" : "0" + Radix(raw, 8));
                break;
            case 't':
                text.Append(Radix(raw, 2));
                break;
            case 'd':
                text.Append(Numbers.Wrap(raw, bytes, isSigned: true).ToString(CultureInfo.InvariantCulture));
                break;
            case 'u':
                text.Append(raw.ToString(CultureInfo.InvariantCulture));
                break;
            case 'a':
                ulong address = (ulong)(raw & ulong.MaxValue);
                text.Append(CultureInfo.InvariantCulture, $"0x{address:x}");
                if (names.NameOf(address) is { } name)
                    text.Append(' ').Append(name.ToString());
                break;
            case 'c':
                var character = new IntegerType(isSigned ? "char" : "unsigned char", 1, isSigned);
                BigInteger low = Numbers.Wrap(raw, 1, isSigned);
                text.Append(low.ToString(CultureInfo.InvariantCulture)).Append(' ');
                new CharacterText(text, (int)character.Size!, options).WriteCharacter(low);
                break;
            case 'f' when type is FloatingType || bytes is 4 or 8 or 16 && type.Number is not null:
                text.Append(FloatNumber.Read(value.Bytes).ToText(FloatNumber.DigitsOf(bytes)));
                break;
            default:
                text.Append(Numbers.Read(value).ToString(CultureInfo.InvariantCulture));
                break;
        }
    }

    private static string Radix(BigInteger value, int radix)
    {
        if (value.IsZero)
            return "0";
        var digits = new StringBuilder();
        for (; !value.IsZero; value /= radix)
            digits.Insert(0, "0123456789abcdef"[(int)(value % radix)]);
        return digits.ToString();
    }
}
