using System.Buffers;
using System.Globalization;
using System.Text;

namespace Virtap.Language;

/// <summary>
/// Text from elsewhere (names that a guest, a QEMU or a file chose), made fit to be shown: what a terminal would obey, and what would
/// change how the text around it looks, is written as an escape. That is control characters, C0 and C1; format characters, the marks that
/// turn the direction of text among them; line and paragraph separators; and bytes that are no text. A backslash stays one: this is for
/// eyes, and JSON is there for programs.
/// </summary>
public static class PrintableText
{
    /// <summary>A text as it can stand in a line; line ends are escapes too.</summary>
    public static string OfLine(string text) => Of(text, keepsLayout: false);

    /// <summary>A text of several lines: line ends and tabs stay.</summary>
    public static string OfLines(string text) => Of(text, keepsLayout: true);

    /// <summary>The same for bytes on their way out, where they may be anything; line ends and tabs stay.</summary>
    public static void Write(ReadOnlySpan<byte> bytes, IBufferWriter<byte> output)
    {
        while (bytes.Length > 0)
        {
            bool isText = Rune.DecodeFromUtf8(bytes, out Rune rune, out int length) == OperationStatus.Done;
            if (!isText)
                length = 1;
            if (isText && (IsVisible(rune) || rune.Value is '\n' or '\t'))
                output.Write(bytes[..length]);
            else
                Encoding.UTF8.GetBytes(isText ? Escape(rune) : Escape(bytes[0]), output);
            bytes = bytes[length..];
        }
    }

    /// <summary>Whether a character is one to look at, and does nothing else.</summary>
    public static bool IsVisible(Rune rune) => Rune.GetUnicodeCategory(rune)
        is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    private static string Of(string text, bool keepsLayout)
    {
        // Nearly all text is plain.
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            return text;
        var shown = new StringBuilder(text.Length + 8);
        for (int i = 0; i < text.Length;)
        {
            bool isText = Rune.DecodeFromUtf16(text.AsSpan(i), out Rune rune, out int length) == OperationStatus.Done;
            if (!isText)
                shown.Append(ByteText.IsEscaped(text, i) ? Escape((byte)text[i]) : Escape(rune));
            else if (IsVisible(rune) || (keepsLayout && rune.Value is ('\n' or '\t')))
                shown.Append(text, i, length);
            else
                shown.Append(Escape(rune));
            i += length;
        }

        return shown.ToString();
    }

    private static string Escape(byte value) => $"\\x{value:x2}";

    private static string Escape(Rune rune) => rune.Value switch
    {
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        < 0x80 => $"\\x{rune.Value:x2}",
        <= 0xffff => $"\\u{rune.Value:x4}",
        _ => $"\\U{rune.Value:x8}",
    };
}
