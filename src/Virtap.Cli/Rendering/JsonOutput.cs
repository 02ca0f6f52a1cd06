using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Virtap.Language;
using Virtap.Language.Diagnostics;
using Virtap.Tracing.Runtime;

namespace Virtap.Cli.Rendering;

/// <summary>
/// JSON on standard output. Addresses are strings (<c>"0x55d2a8f1c2d0"</c>): they do not fit the numbers of most readers.
/// </summary>
internal static class JsonOutput
{
    /// <summary>Writes one value, indented.</summary>
    public static void Write(Action<Utf8JsonWriter> write) => Write(write, isIndented: true);

    /// <summary>Writes one value as one line.</summary>
    public static void WriteLine(Action<Utf8JsonWriter> write) => Write(write, isIndented: false);

    /// <summary>A property that is null where there is nothing to say.</summary>
    public static void WriteAddress(this Utf8JsonWriter writer, string name, ulong? address)
    {
        if (address is { } value)
            writer.WriteString(name, Figures.Address(value));
        else
            writer.WriteNull(name);
    }

    /// <summary>A property that is null where there is nothing to say.</summary>
    public static void WriteOptional(this Utf8JsonWriter writer, string name, long? number)
    {
        if (number is { } value)
            writer.WriteNumber(name, value);
        else
            writer.WriteNull(name);
    }

    /// <summary>A property that is null where there is nothing to say.</summary>
    public static void WriteOptional(this Utf8JsonWriter writer, string name, bool? flag)
    {
        if (flag is { } value)
            writer.WriteBoolean(name, value);
        else
            writer.WriteNull(name);
    }

    public static void WriteStrings(this Utf8JsonWriter writer, string name, IEnumerable<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (string text in texts)
            writer.WriteStringValue(text);
        writer.WriteEndArray();
    }

    /// <summary>
    /// The encoder leaves format characters as they are, and on a terminal those turn the direction of the text around them. They can only
    /// stand within strings, where an escape means the same.
    /// </summary>
    private static void WriteVisible(ReadOnlySpan<byte> json, OutputWriter output)
    {
        while (json.Length > 0)
        {
            int plain = json.IndexOfAnyExceptInRange((byte)0, (byte)0x7e);
            if (plain < 0)
                plain = json.Length;
            output.Write(json[..plain]);
            json = json[plain..];
            if (json.Length == 0)
                break;
            Rune.DecodeFromUtf8(json, out Rune rune, out int length);
            if (PrintableText.IsVisible(rune))
                output.Write(json[..length]);
            else
                WriteEscape(rune, output);
            json = json[length..];
        }
    }

    private static void WriteEscape(Rune rune, OutputWriter output)
    {
        Span<char> units = stackalloc char[2];
        foreach (char unit in units[..rune.EncodeToUtf16(units)])
            output.Write($"\\u{(int)unit:x4}");
    }

    private static void Write(Action<Utf8JsonWriter> write, bool isIndented)
    {
        var text = new ArrayBufferWriter<byte>();
        // For programs and terminals, not for web pages: -> and ' stay what they are.
        using (var writer = new Utf8JsonWriter(
            text, new JsonWriterOptions { Indented = isIndented, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            write(writer);
        OutputWriter output = StandardStreams.Output;
        WriteVisible(text.WrittenSpan, output);
        output.Write("\n"u8);
        output.Complete();
    }
}
