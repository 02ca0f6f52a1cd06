using System.Globalization;
using System.Numerics;
using System.Text;

namespace Virtap.Debugging.Printing;

/// <summary>Writes characters and strings as gdb does: escapes, runs of one character, what is left out at the end.</summary>
/// <param name="text">What it is written to.</param>
/// <param name="width">Bytes of a character: 1, 2 or 4.</param>
/// <param name="options">How values are printed.</param>
internal sealed class CharacterText(StringBuilder text, int width, PrintOptions options)
{
    private bool _isBehindHex;

    /// <summary>A character of a text, or bytes that are none.</summary>
    private readonly record struct Unit(Rune? Rune, byte[] Bytes, bool IsIncomplete)
    {
        public bool IsSame(Unit other) => Rune is not null ? Rune == other.Rune
            : other.Rune is null && IsIncomplete == other.IsIncomplete && Bytes.AsSpan().SequenceEqual(other.Bytes);
    }

    /// <summary>A character with its quotes: <c>'a'</c>, <c>'\000'</c>.</summary>
    public void WriteCharacter(BigInteger value)
    {
        byte[] bytes = new byte[width];
        for (int at = 0; at < width; at++)
            bytes[at] = (byte)((value >> (8 * at)) & 0xff);
        text.Append('\'');
        WriteUnit(Next(bytes), '\'');
        text.Append('\'');
    }

    /// <summary>Characters between quotes.</summary>
    /// <param name="bytes">The characters; a zero at the end is not written.</param>
    /// <param name="goesOn">Whether the string goes on behind them.</param>
    public void WriteString(ReadOnlySpan<byte> bytes, bool goesOn)
    {
        if (!goesOn && bytes.Length >= width && bytes[^width..].IndexOfAnyExcept((byte)0) < 0)
            bytes = bytes[..^width];
        if (bytes.Length == 0)
        {
            text.Append("\"\"");
            return;
        }

        bool inQuotes = false, any = false;
        int taken = 0;
        while (bytes.Length > 0 && taken < options.Limit)
        {
            Unit unit = Next(bytes);
            int count = 0;
            while (bytes.Length > 0 && Next(bytes) is var next && next.IsSame(unit))
            {
                count++;
                bytes = bytes[next.Bytes.Length..];
            }

            taken += count;
            bool isRun = count > options.Threshold || unit.IsIncomplete;
            if (inQuotes && isRun)
                text.Append('"');
            if (any && (isRun || !inQuotes))
                text.Append(", ");
            if (unit.IsIncomplete)
            {
                text.Append("<incomplete sequence ");
                WriteUnit(unit, '\0');
                text.Append('>');
            }
            else if (isRun)
            {
                text.Append('\'');
                WriteUnit(unit, '"');
                text.Append(CultureInfo.InvariantCulture, $"' <repeats {count} times>");
            }
            else
            {
                if (!inQuotes)
                    text.Append('"');
                for (int n = 0; n < count; n++)
                    WriteUnit(unit, '"');
            }

            inQuotes = !isRun;
            any = true;
        }

        if (inQuotes)
            text.Append('"');
        if (goesOn || bytes.Length > 0)
            text.Append("...");
    }

    private Unit Next(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < width)
            return new Unit(null, bytes.ToArray(), IsIncomplete: true);
        if (width > 1)
        {
            uint value = width == 2 ? (uint)(bytes[0] | (bytes[1] << 8)) : BitConverter.ToUInt32(bytes);
            if (width == 2 && char.IsHighSurrogate((char)value) && bytes.Length >= 4
                && Rune.TryCreate((char)value, (char)(bytes[2] | (bytes[3] << 8)), out Rune pair))
                return new Unit(pair, bytes[..4].ToArray(), false);
            return new Unit(Rune.IsValid(value) ? new Rune(value) : null, bytes[..width].ToArray(), false);
        }

        if (bytes[0] < 0x80)
            return new Unit(new Rune(bytes[0]), [bytes[0]], false);
        if (options.IsUtf8)
        {
            var status = Rune.DecodeFromUtf8(bytes, out Rune rune, out int used);
            if (status == System.Buffers.OperationStatus.Done)
                return new Unit(rune, bytes[..used].ToArray(), false);
            if (status == System.Buffers.OperationStatus.NeedMoreData)
                return new Unit(null, bytes.ToArray(), IsIncomplete: true);
        }

        return new Unit(null, [bytes[0]], false);
    }

    private void WriteUnit(Unit unit, char quote)
    {
        bool wasBehindHex = _isBehindHex;
        _isBehindHex = false;
        char? letter = unit.Rune?.Value switch { 7 => 'a', 8 => 'b', 12 => 'f', 10 => 'n', 13 => 'r', 9 => 't', 11 => 'v', _ => null };
        if (letter is { } escaped)
        {
            text.Append('\\').Append(escaped);
        }
        else if (unit.Rune is { } rune && IsPrintable(rune) && !(wasBehindHex && rune.Value is >= '0' and <= '9'))
        {
            if (rune.Value == quote || rune.Value == '\\')
                text.Append('\\');
            text.Append(rune.ToString());
        }
        else
        {
            WriteNumbers(unit.Bytes);
        }
    }

    private void WriteNumbers(byte[] bytes)
    {
        int step = bytes.Length % width == 0 ? width : 1;
        for (int at = 0; at < bytes.Length; at += step)
        {
            uint value = 0;
            for (int n = step - 1; n >= 0; n--)
                value = (value << 8) | bytes[at + n];
            if (value <= 0x1ff)
                text.Append('\\').Append(Convert.ToString(value, 8).PadLeft(3, '0'));
            else
            {
                // A digit behind it would be taken for one of its own.
                text.Append(CultureInfo.InvariantCulture, $"\\x{value:x}");
                _isBehindHex = true;
            }
        }
    }

    private bool IsPrintable(Rune rune) => rune.IsAscii ? rune.Value is >= 0x20 and < 0x7f
        : options.IsUtf8 && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.OtherNotAssigned
            or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator);
}
