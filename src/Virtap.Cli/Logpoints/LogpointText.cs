using System.Globalization;
using Virtap.Cli.Options;
using Virtap.Cli.Rendering;
using Virtap.Debugging.Evaluation;
using Virtap.Debugging.Printing;
using Virtap.Debugging.Values;
using Virtap.Language;
using Virtap.Watch.Logpoints;

namespace Virtap.Cli.Logpoints;

/// <summary>Hits of a logpoint, with gdb's text of what they bring.</summary>
/// <param name="words">The expressions as they were written, each perhaps with a format before it.</param>
/// <param name="place">What the place is called.</param>
/// <param name="scope">Symbols, and the memory behind pointers to text, which is read when the hit arrives.</param>
/// <param name="options">How values are printed.</param>
internal sealed class LogpointText(IReadOnlyList<string> words, string place, TargetScope scope, PrintOptions options)
{
    /// <summary>Writes a hit to standard output.</summary>
    public void Write(LogpointHit hit)
    {
        List<string> lines = [];
        for (int n = 0; n < words.Count; n++)
            lines.Add(Figures.Invariant($"{n + 1}: {words[n]} = {Text(words[n], hit.Values[n])}"));
        string name = PrintableText.OfLine(hit.ThreadName);
        WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{hit.Time.ToLocalTime():HH:mm:ss.ffffff} Thread {hit.ThreadId} \"{name}\" at {place}"));
        lines.ForEach(static line => WriteLine(PrintableText.OfLine(line)));
    }

    private string Text(string word, Value value)
    {
        try
        {
            PrintOptions asked = PrintSettings.SplitFormat(word).Letter is { } letter ? options with { Format = letter } : options;
            return new ValuePrinter(scope, scope.IsCPlusPlus, asked).Print(value);
        }
        catch (ValueException e)
        {
            return $"<error: {e.Message}>";
        }
    }

    private static void WriteLine(string line)
    {
        StandardStreams.Output.Write(line + "\n");
        // Who reads no more ends the stream, and the probe.
        StandardStreams.Output.Complete();
    }
}
