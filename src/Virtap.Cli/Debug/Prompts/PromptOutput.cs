using System.Text;
using Virtap.Cli.Rendering;
using Virtap.Language;

namespace Virtap.Cli.Debug.Prompts;

/// <summary>What the prompt says, on standard output; what is wrong, on standard error.</summary>
internal static class PromptOutput
{
    public static void WriteLine(string text) => WriteText(text + "\n");

    /// <summary>Writes text, of which what a terminal would obey is quoted.</summary>
    public static void WriteText(string text)
    {
        var quoted = new StringBuilder();
        int start = 0;
        for (int at = 0; at <= text.Length; at++)
        {
            if (at < text.Length && text[at] is not ('\n' or '\t'))
                continue;
            quoted.Append(PrintableText.OfLine(text[start..at]));
            if (at < text.Length)
                quoted.Append(text[at]);
            start = at + 1;
        }

        StandardStreams.Output.Write(quoted.ToString());
    }

    /// <summary>What was written is seen: before a line is read, and before a process goes on that writes itself.</summary>
    public static void Flush() => StandardStreams.Output.Flush();

    public static void Complain(string reason)
    {
        foreach (string line in reason.Split('\n'))
            StandardStreams.Report(line);
    }
}
