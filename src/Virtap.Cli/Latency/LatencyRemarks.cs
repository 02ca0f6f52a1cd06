using Virtap.Cli.Rendering;
using Virtap.Virtio.Queues;
using Virtap.Watch.Latency;

namespace Virtap.Cli.Latency;

/// <summary>What the figures do not hold, in sentences.</summary>
internal static class LatencyRemarks
{
    public static IEnumerable<(string Text, Tone Tone)> Of(LatencyReport report)
    {
        LatencySample sample = report.Sample;
        foreach (QueueLatency queue in sample.Queues)
        {
            string name = QueueNames.Of(report.Device, queue.Queue);
            if (queue.Unasked > 0)
                yield return ($"{name}: of {Count(queue.Unasked)} completed no notification told: the guest was at work on the queue, and "
                    + "wanted none.", Tone.Plain);
            if (queue.Waiting > 0)
                yield return ($"{name}: {Count(queue.Waiting)} completed had not been announced at the end.", Tone.Plain);
            if (queue.Decisions == 0 && queue.Notice.Count > 0)
                yield return ($"{name}: when QEMU decided not to notify is not to be seen in this binary; what it did not announce counts "
                    + "until the next notification.", Tone.Caution);
            if (queue.Lost > 0)
                yield return ($"{name}: of {Count(queue.Lost)} completed the wait is not known: more than 1024 waited at once.",
                    Tone.Caution);
        }

        long unknown = sample.Queues.Sum(q => q.Unknown);
        if (unknown > 0 || report.InFlightBefore > 0)
        {
            string before = report.InFlightBefore is { } count ? $"{Count(count)} in flight when watching began; " : "";
            yield return ($"{before}{Count(unknown)} taken before that completed meanwhile; how long those took is not known.", Tone.Plain);
        }

        if (report.InFlight > 0)
            yield return ($"{Count(report.InFlight)} in flight at the end: not in the figures.", Tone.Plain);
        if (sample.Abandoned > 0)
            yield return ($"{Count(sample.Abandoned)} taken by QEMU and given up without being completed.", Tone.Caution);
        if (report.Losses.Skipped > 0)
            yield return ($"{Figures.Count(report.Losses.Skipped, "hit")} of a probe skipped: the figures lack what those would have "
                + "told.", Tone.Bad);
        yield return ("Before QEMU took them: how long requests lay in the queue is not to be seen from outside.", Tone.Quiet);
    }

    private static string Count(long number) => Figures.Count(number, "request");
}
