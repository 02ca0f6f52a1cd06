using System.Text;

namespace Virtap.Language;

/// <summary>String literals: the escapes that they are written with.</summary>
public static class Quoting
{
    /// <summary>A string value as it can stand between quotes, in one line; what cannot be seen as its bytes.</summary>
    public static string Escape(string value)
    {
        if (!value.AsSpan().ContainsAnyExceptInRange(' ', '~') && !value.AsSpan().ContainsAny('"', '\\'))
            return value;

        var text = new StringBuilder(value.Length + 8);
        for (int i = 0; i < value.Length;)
        {
            if (ByteText.IsEscaped(value, i))
            {
                AppendOctal(text, (byte)value[i++]);
                continue;
            }
            Rune.DecodeFromUtf16(value.AsSpan(i), out var rune, out int length);
            AppendCharacter(text, rune);
            i += length;
        }
        return text.ToString();
    }

    private static void AppendCharacter(StringBuilder text, Rune rune)
    {
        switch (rune.Value)
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
            default:
                if (PrintableText.IsVisible(rune))
                {
                    text.Append(rune.ToString());
                    break;
                }
                Span<byte> bytes = stackalloc byte[4];
                foreach (byte b in bytes[..rune.EncodeToUtf8(bytes)])
                    AppendOctal(text, b);
                break;
        }
    }

    /// <summary>Three digits always, so that a digit behind it stays one.</summary>
    private static void AppendOctal(StringBuilder text, byte b) =>
        text.Append('\\').Append((char)('0' + (b >> 6))).Append((char)('0' + ((b >> 3) & 7))).Append((char)('0' + (b & 7)));
}
