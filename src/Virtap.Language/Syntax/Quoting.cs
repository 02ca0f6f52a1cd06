using System.Globalization;
using System.Text;

namespace Virtap.Language.Syntax;

/// <summary>String literals: the escapes that they are written with.</summary>
internal static class Quoting
{
    /// <summary>A string value (one character for each byte) as it can stand between quotes. Bytes that are UTF-8 come out as text.</summary>
    public static string Escape(string value)
    {
        var text = new StringBuilder(value.Length + 8);
        for (int i = 0; i < value.Length; i++)
        {
            char c = value[i];
            switch (c)
            {
                case '"': text.Append("\\\""); break;
                case '\\': text.Append("\\\\"); break;
                case '\n': text.Append("\\n"); break;
                case '\t': text.Append("\\t"); break;
                case '\r': text.Append("\\r"); break;
                case '\a': text.Append("\\a"); break;
                case '\b': text.Append("\\b"); break;
                case '\v': text.Append("\\v"); break;
                case '\f': text.Append("\\f"); break;
                case >= ' ' and < '\x7f': text.Append(c); break;
                case >= '\x80' when TryDecode(value.AsSpan(i), text, out int length): i += length - 1; break;
                // Three digits always, so that a digit behind it stays one.
                default: text.Append('\\').Append(Convert.ToString(c & 0xff, 8).PadLeft(3, '0')); break;
            }
        }
        return text.ToString();
    }

    /// <summary>Appends a character's bytes, as UTF-8 has them, one <see cref="char"/> for each.</summary>
    public static void AppendBytes(StringBuilder value, Rune rune)
    {
        Span<byte> bytes = stackalloc byte[4];
        foreach (byte b in bytes[..rune.EncodeToUtf8(bytes)])
            value.Append((char)b);
    }

    private static bool TryDecode(ReadOnlySpan<char> value, StringBuilder text, out int length)
    {
        Span<byte> bytes = stackalloc byte[4];
        int count = Math.Min(value.Length, bytes.Length);
        for (int i = 0; i < count; i++)
            bytes[i] = (byte)value[i];
        bool isText = Rune.DecodeFromUtf8(bytes[..count], out var rune, out length) == System.Buffers.OperationStatus.Done
            && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
        if (isText)
            text.Append(rune.ToString());
        return isText;
    }
}
