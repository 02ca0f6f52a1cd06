using Virtap.Cli.Rendering;
using Virtap.Cli.Words;
using Virtap.Virtio.Explanations;
using Virtap.Virtio.Findings;

namespace Virtap.Cli.Explain;

/// <summary>An explanation for a person: each stop, and after it what happened since the one before.</summary>
internal static class ExplainText
{
    public static void Write(TextOutput output, QueueExplanation explanation)
    {
        for (int n = 0; n < explanation.Stops.Count; n++)
        {
            if (n > 0)
                output.WriteLine();
            WriteStop(output, explanation.Stops[n], n);
            foreach (ExplainedStep step in explanation.Steps.Where(s => s.To == n))
            {
                output.WriteLine();
                output.WriteLine($"From stop {step.From + 1} to stop {step.To + 1}", Tone.Strong);
                WriteFindings(output, step.Findings);
            }
        }

        if (explanation.Unread.Count > 0)
            output.WriteLine();
        foreach (UnreadQueue unread in explanation.Unread)
            WriteUnread(output, unread);
    }

    private static void WriteUnread(TextOutput output, UnreadQueue unread)
    {
        output.Write("  note: ", Tone.Caution);
        string why = unread.NotANumber is { } odd
            ? $"{odd.Field} is \"{odd.Value}\", which is no number" : $"no {string.Join(", no ", unread.Missing)}";
        output.WriteSentence(
            $"line {unread.Line} begins no whole virtqueue ({string.Join(", ", unread.Fields)}; {why}) and is left out.", 8);
    }

    private static void WriteStop(TextOutput output, ExplainedStop stop, int number)
    {
        QueueTextEntry entry = stop.Entry;
        output.Write($"Stop {number + 1}", Tone.Strong);
        string queue = entry.Queue.Index is { } index ? $"queue {index}" : "a queue";
        string device = entry.Device is { } address ? $" of the device at {Figures.Address(address)}" : "";
        output.WriteLine($" (line {entry.Line}): {queue}{device}, a {(stop.IsPacked ? "packed" : "split")} ring of {entry.Queue.Number}");
        WriteFindings(output, stop.Findings);
    }

    private static void WriteFindings(TextOutput output, IReadOnlyList<Finding> findings)
    {
        foreach (Finding finding in findings)
        {
            (string sign, Tone tone) = finding.Kind switch
            {
                FindingKind.Broken => ("  WRONG: ", Tone.Bad),
                FindingKind.Caution => ("  note: ", Tone.Caution),
                _ => ("  ", Tone.Plain),
            };
            output.Write(sign, tone);
            output.WriteSentence(ExplanationWords.Of(finding.What), sign.Length);
        }
    }
}
