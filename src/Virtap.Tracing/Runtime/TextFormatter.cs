using System.Buffers.Binary;
using System.Text;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Formats;

namespace Virtap.Tracing.Runtime;

/// <summary>
/// The conversions of SystemTap's printf. They are those of its runtime, which differ from C's in places: the flag 0 holds beside a
/// precision, zero is always written as one digit at least, <c>#</c> writes its prefix before zero too and escapes what <c>%c</c> cannot
/// print, and <c>0</c> ends a text with a zero byte.
/// </summary>
public static class TextFormatter
{
    /// <summary>22 octal digits are the most.</summary>
    private const int MaxDigits = 24;

    /// <summary>%d %i %u %x %X %o %p, and %c and %b, whose argument is a number too.</summary>
    public static void Number<TSink>(ref TSink sink, in ConversionFormat format, long value)
        where TSink : ITextSink, allows ref struct
    {
        switch (format.Conversion)
        {
            case FormatConversion.Signed: Digits(ref sink, format, value, 10, isSigned: true); break;
            case FormatConversion.Unsigned: Digits(ref sink, format, value, 10, isSigned: false); break;
            case FormatConversion.Octal: Digits(ref sink, format, value, 8, isSigned: false); break;
            case FormatConversion.Character: Character(ref sink, format, (byte)value); break;
            case FormatConversion.Binary: Binary(ref sink, format, value); break;
            default: Digits(ref sink, format, value, 16, isSigned: false); break;
        }
    }

    /// <summary>%s, and %m, whose text is the target's memory.</summary>
    public static void Text<TSink>(ref TSink sink, in ConversionFormat format, ReadOnlySpan<byte> text)
        where TSink : ITextSink, allows ref struct
    {
        if (format.Conversion == FormatConversion.MemoryHexadecimal)
        {
            Hexadecimal(ref sink, format, text);
            return;
        }

        if (format.Conversion == FormatConversion.String && format.Limit >= 0 && format.Limit < text.Length)
            text = text[..format.Limit];
        int blanks = format.Columns - text.Length;
        if (!format.IsLeftJustified)
            sink.Fill((byte)' ', blanks);
        sink.Append(text);
        if (format.IsLeftJustified)
            sink.Fill((byte)' ', blanks);
        End(ref sink, format);
    }

    private static void Digits<TSink>(ref TSink sink, in ConversionFormat format, long value, uint radix, bool isSigned)
        where TSink : ITextSink, allows ref struct
    {
        ulong magnitude = (ulong)value;
        byte sign = 0;
        if (isSigned && value < 0)
            (sign, magnitude) = ((byte)'-', 0 - magnitude);
        else if (isSigned && format.Flags.HasFlag(FormatFlags.Plus))
            sign = (byte)'+';
        else if (isSigned && format.Flags.HasFlag(FormatFlags.Space))
            sign = (byte)' ';

        bool isUpper = format.Conversion == FormatConversion.UpperHexadecimal;
        Span<byte> digits = stackalloc byte[MaxDigits];
        int first = MaxDigits;
        do
        {
            (magnitude, ulong digit) = Math.DivRem(magnitude, radix);
            digits[--first] = (byte)((digit < 10 ? '0' : (isUpper ? 'A' : 'a') - 10) + (int)digit);
        }
        while (magnitude != 0);

        bool hasPrefix = format.Conversion == FormatConversion.Pointer || format.Flags.HasFlag(FormatFlags.Alternate);
        int prefix = !hasPrefix ? 0 : radix switch { 16 => 2, 8 => 1, _ => 0 };
        int count = MaxDigits - first;
        int zeros = Math.Max(format.Limit - count, 0);
        int blanks = format.Columns - count - zeros - prefix - (sign == 0 ? 0 : 1);
        if (blanks > 0 && !format.IsLeftJustified && format.Flags.HasFlag(FormatFlags.ZeroPad))
            (zeros, blanks) = (zeros + blanks, 0);

        if (!format.IsLeftJustified)
            sink.Fill((byte)' ', blanks);
        if (sign != 0)
            sink.Fill(sign, 1);
        sink.Fill((byte)'0', Math.Min(prefix, 1));
        if (prefix == 2)
            sink.Fill((byte)(isUpper ? 'X' : 'x'), 1);
        sink.Fill((byte)'0', zeros);
        sink.Append(digits[first..]);
        if (format.IsLeftJustified)
            sink.Fill((byte)' ', blanks);
    }

    private static void Character<TSink>(ref TSink sink, in ConversionFormat format, byte value)
        where TSink : ITextSink, allows ref struct
    {
        bool isPlain = !format.Flags.HasFlag(FormatFlags.Alternate)
            || value is >= (byte)' ' and <= (byte)'~' and not (byte)'\'' and not (byte)'\\';
        ReadOnlySpan<byte> escaped = isPlain ? [] : value switch
        {
            (byte)'\a' => "\\a"u8,
            (byte)'\b' => "\\b"u8,
            (byte)'\f' => "\\f"u8,
            (byte)'\n' => "\\n"u8,
            (byte)'\r' => "\\r"u8,
            (byte)'\t' => "\\t"u8,
            (byte)'\v' => "\\v"u8,
            (byte)'\'' => "\\'"u8,
            (byte)'\\' => "\\\\"u8,
            _ => [(byte)'\\', (byte)('0' + (value >> 6)), (byte)('0' + ((value >> 3) & 7)), (byte)('0' + (value & 7))],
        };
        int blanks = format.Columns - (isPlain ? 1 : escaped.Length);
        if (!format.IsLeftJustified)
            sink.Fill((byte)' ', blanks);
        if (isPlain)
            sink.Fill(value, 1);
        else
            sink.Append(escaped);
        if (format.IsLeftJustified)
            sink.Fill((byte)' ', blanks);
    }

    /// <summary>
    /// The low bytes of the number as they lie in memory. Precision says how many, else the width, else 8; a greater width pads with zero
    /// bytes.
    /// </summary>
    private static void Binary<TSink>(ref TSink sink, in ConversionFormat format, long value)
        where TSink : ITextSink, allows ref struct
    {
        int bytes = format.Limit is 1 or 2 or 4 or 8 ? format.Limit : format.Columns is 1 or 2 or 4 or 8 ? format.Columns : 8;
        Span<byte> memory = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(memory, value);
        int padding = format.Columns - bytes;
        if (!format.IsLeftJustified)
            sink.Fill(0, padding);
        sink.Append(memory[..bytes]);
        if (format.IsLeftJustified)
            sink.Fill(0, padding);
    }

    private static void Hexadecimal<TSink>(ref TSink sink, in ConversionFormat format, ReadOnlySpan<byte> bytes)
        where TSink : ITextSink, allows ref struct
    {
        int blanks = format.Columns - (bytes.Length * 2);
        if (!format.IsLeftJustified)
            sink.Fill((byte)' ', blanks);
        // At once, as what does not fit is counted as one cut.
        sink.Append(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(bytes)));
        if (format.IsLeftJustified)
            sink.Fill((byte)' ', blanks);
        End(ref sink, format);
    }

    private static void End<TSink>(ref TSink sink, in ConversionFormat format)
        where TSink : ITextSink, allows ref struct
    {
        if (format.Flags.HasFlag(FormatFlags.ZeroPad))
            sink.Fill(0, 1);
    }
}

/// <summary>One conversion of a format with its width and precision known.</summary>
/// <param name="Conversion">What is written.</param>
/// <param name="Flags">Its flags.</param>
/// <param name="Width">Columns; negative for left-justified, 0 for none.</param>
/// <param name="Precision">Digits or bytes; negative for none.</param>
public readonly record struct ConversionFormat(FormatConversion Conversion, FormatFlags Flags, long Width = 0, long Precision = -1)
{
    /// <summary>The most that a width or a precision counts for: the size of SystemTap's print buffer.</summary>
    public const int Max = 8192;

    /// <summary>Whether blanks go behind the text.</summary>
    public bool IsLeftJustified => Width < 0 || Flags.HasFlag(FormatFlags.LeftJustify);

    /// <summary>The width without its sign, within <see cref="Max"/>.</summary>
    public int Columns => (int)Math.Abs(Math.Clamp(Width, -Max, Max));

    /// <summary>The precision within <see cref="Max"/>; -1 for none.</summary>
    public int Limit => (int)Math.Clamp(Precision, -1, Max);
}
