using Virtap.Cli.Rendering;
using Virtap.Cli.Words;
using Virtap.Virtio.Findings;
using Virtap.Virtio.Verdicts;
using Virtap.Watch.Diagnoses;
using Virtap.Watch.Targets;

namespace Virtap.Cli.Why;

/// <summary>Diagnoses for a person: what is wrong first, with its evidence; then a line for each device that is well.</summary>
internal static class WhyText
{
    public static void Write(TextOutput output, IReadOnlyList<Diagnosis> diagnoses, IReadOnlyList<LeftOut> leftOut)
    {
        HashSet<(int Machine, VerdictKind Kind)> told = [];
        foreach (Diagnosis diagnosis in diagnoses.Where(d => d.HasFault))
        {
            WriteHead(output, diagnosis);
            output.WriteLine($": something is wrong ({HowSeen(diagnosis)})", Tone.Bad);
            foreach (Verdict verdict in diagnosis.Verdicts)
            {
                // What is wrong with the machine is so for each of its devices.
                if (verdict.Subject.Kind != SubjectKind.Machine || told.Add((diagnosis.Device.ProcessId, verdict.Kind)))
                    WriteVerdict(output, verdict, diagnosis);
                else
                    WriteToldAbove(output, verdict, diagnosis);
            }

            output.WriteLine();
        }

        foreach (Diagnosis diagnosis in diagnoses.Where(d => !d.HasFault))
        {
            WriteHead(output, diagnosis);
            if (diagnosis.Last is null)
                output.WriteLine(": the device is gone", Tone.Caution);
            else
                WriteHealthy(output, diagnosis);
        }

        foreach (LeftOut what in leftOut)
            output.WriteLine(LeftOutWords.Of(what), Tone.Caution);
    }

    private static void WriteHead(TextOutput output, Diagnosis diagnosis)
    {
        output.Write(diagnosis.Device.Name, Tone.Name);
        output.Write($" ({diagnosis.Device.Kind}, QEMU {diagnosis.Device.ProcessId})");
    }

    /// <summary>What is said of the device, and of its queues how many there are of each kind.</summary>
    private static void WriteHealthy(TextOutput output, Diagnosis diagnosis)
    {
        List<string> parts = [.. diagnosis.Verdicts.Where(v => v.Queue is null).Select(VerdictWords.Summary)];
        bool isAtWork = parts.Count == 0 || diagnosis.Verdicts.All(v => v.Queue is not null || v.Kind == VerdictKind.NotLive);
        if (isAtWork)
        {
            string queues = string.Join(", ", diagnosis.Verdicts.Where(v => v.Queue is not null).CountBy(v => v.Kind).OrderBy(g => g.Key)
                .Select(g => $"{Figures.Count(g.Value, "queue")} {VerdictWords.Of(g.Key)}"));
            if (diagnosis.HasUnseenRing)
                output.Write(
                    IsMoment(diagnosis) ? ": cannot be judged, as the core does not hold all of it"
                    : ": nothing wrong in what can be seen, which is not all of it", Tone.Caution);
            else
                output.Write(IsMoment(diagnosis) ? ": nothing wrong in the moment that the core holds" : ": healthy", Tone.Good);
            output.WriteLine(
                (queues.Length > 0 ? ", " + queues : ", no queue is set up") + (parts.Count > 0 ? ". " + string.Join(' ', parts) : ""));
            // Of a moment, what there was says more than how many queues had something.
            foreach (Verdict verdict in diagnosis.Verdicts.Where(v => v.Reason is InOneMoment or RingHidden))
                WriteVerdict(output, verdict, diagnosis);
        }
        else
        {
            output.Write(": nothing wrong with it, but ", Tone.Caution);
            output.WriteLine("at rest: " + string.Join(' ', parts));
            foreach (Advice next in diagnosis.Verdicts.Where(v => v.Queue is null).SelectMany(v => v.Advice))
                output.WriteLine("  look at: " + AdviceWords.Of(next));
        }
    }

    private static bool IsMoment(Diagnosis diagnosis) => diagnosis.Last is { IsLive: false };

    private static void WriteVerdict(TextOutput output, Verdict verdict, Diagnosis diagnosis)
    {
        output.Write("  " + NameOf(verdict.Subject, diagnosis), Tone.Name);
        output.Write(": ");
        if (!verdict.IsFault)
        {
            output.Write(VerdictWords.Of(verdict.Kind), verdict.Queue is null ? Tone.Caution : Tone.Good);
            output.WriteLine(". " + VerdictWords.Summary(verdict));
            return;
        }

        output.Write(VerdictWords.Of(verdict.Kind).ToUpperInvariant(), Tone.Bad);
        if (verdict.Since is { } since)
            output.Write(Figures.Invariant($" since {since:yyyy-MM-dd HH:mm:ss} at the latest"));
        output.WriteLine($" ({VerdictWords.Of(verdict.Certainty)})", Tone.Quiet);
        output.Write("    ");
        output.WriteSentence(VerdictWords.Summary(verdict), 4, Tone.Strong);
        Lines(output, "seen", [.. verdict.Evidence.Select(ObservationWords.Of)]);
        Lines(output, "look at", [.. verdict.Advice.Select(AdviceWords.Of)]);
    }

    private static void WriteToldAbove(TextOutput output, Verdict verdict, Diagnosis diagnosis)
    {
        output.Write("  " + NameOf(verdict.Subject, diagnosis), Tone.Name);
        output.Write(": ");
        output.Write(VerdictWords.Of(verdict.Kind).ToUpperInvariant(), Tone.Bad);
        output.WriteLine(", as told above", Tone.Quiet);
    }

    private static void Lines(TextOutput output, string heading, IReadOnlyList<string> lines)
    {
        for (int i = 0; i < lines.Count; i++)
        {
            output.Write($"    {(i == 0 ? heading : ""),-8} ", Tone.Quiet);
            output.WriteSentence(lines[i], 13);
        }
    }

    private static string HowSeen(Diagnosis diagnosis) => IsMoment(diagnosis) ? "one moment, as the core holds it"
        : $"watched for {Figures.Duration(diagnosis.Duration)}, {Figures.Count(diagnosis.Samples, "look")}";

    private static string NameOf(Subject subject, Diagnosis diagnosis) => subject switch
    {
        { Queue: { } queue } => QueueNames.Of(diagnosis.Last, queue),
        { Kind: SubjectKind.Machine } => "the machine",
        _ => "the device",
    };
}
