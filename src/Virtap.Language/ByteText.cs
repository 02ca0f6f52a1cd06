using System.Buffers;
using System.Text;

namespace Virtap.Language;

/// <summary>
/// A script's strings are bytes, most of them UTF-8. Here they are .NET strings, for names and messages to be read; a byte that is no part
/// of UTF-8 (<c>"\xff"</c>) is a lone surrogate, U+DC00 plus the byte, so that nothing is lost between the script and the traced machine.
/// </summary>
public static class ByteText
{
    private const char Escape = '\udc00';

    /// <summary>The text of some bytes.</summary>
    public static string FromBytes(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length);
        while (bytes.Length > 0)
        {
            bool isText = Rune.DecodeFromUtf8(bytes, out var rune, out int length) == OperationStatus.Done;
            if (isText)
                text.Append(rune.ToString());
            else
                text.Append((char)(Escape + bytes[0]));
            bytes = bytes[(isText ? length : 1)..];
        }
        return text.ToString();
    }

    /// <summary>The bytes of a text. What is neither text nor an escaped byte is U+FFFD.</summary>
    public static byte[] GetBytes(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\ud800', '\udfff'))
            return Encoding.UTF8.GetBytes(text);
        var bytes = new byte[GetByteCount(text)];
        var rest = bytes.AsSpan();
        for (int i = 0; i < text.Length;)
        {
            if (IsEscaped(text, i))
            {
                rest[0] = (byte)(text[i++] - Escape);
                rest = rest[1..];
            }
            else
            {
                Rune.DecodeFromUtf16(text.AsSpan(i), out var rune, out int length);
                rest = rest[rune.EncodeToUtf8(rest)..];
                i += length;
            }
        }
        return bytes;
    }

    /// <summary>How many bytes a text has.</summary>
    public static int GetByteCount(string text)
    {
        int count = 0;
        for (int i = 0; i < text.Length;)
        {
            if (IsEscaped(text, i))
            {
                count++;
                i++;
            }
            else
            {
                Rune.DecodeFromUtf16(text.AsSpan(i), out var rune, out int length);
                count += rune.Utf8SequenceLength;
                i += length;
            }
        }
        return count;
    }

    /// <summary>Whether the character at an index stands for a byte that is not text.</summary>
    internal static bool IsEscaped(string text, int index) =>
        text[index] is >= '\udc80' and <= '\udcff' && (index == 0 || !char.IsHighSurrogate(text[index - 1]));
}
