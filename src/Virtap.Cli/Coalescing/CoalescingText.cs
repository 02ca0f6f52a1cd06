using Virtap.Cli.Rendering;
using Virtap.Watch.Coalescing;

namespace Virtap.Cli.Coalescing;

/// <summary>Requests per notification for a person, as examples/coalescing.stp prints them.</summary>
internal static class CoalescingText
{
    private const int BarWidth = 40;

    /// <summary>The numbers of requests that are told apart, as examples/coalescing.stp does.</summary>
    public static IReadOnlyList<(string Label, long Min, long Max)> Rows { get; } =
        [("0-1", 0, 1), ("2-8", 2, 8), ("9-32", 9, 32), ("33-120", 33, 120), ("over 120", 121, long.MaxValue)];

    public static void Write(TextOutput output, CoalescingReport report)
    {
        (long requests, long notifications) = (report.Requests, report.Notifications);
        string counts = Figures.Invariant($"{requests} requests completed, {notifications} notifications sent");
        if (notifications == 0)
        {
            output.WriteLine(counts);
            return;
        }

        output.WriteLine(
            Figures.Invariant($"{counts}: {requests / notifications}.{requests * 10 / notifications % 10} requests per notification"));
        output.WriteLine($"  {"requests",-10} {"times",8}");
        long[] times = [.. Rows.Select(row => report.TimesWithin(row.Min, row.Max))];
        string[] shares = Figures.Shares(times);
        for (int i = 0; i < Rows.Count; i++)
        {
            string bar = new('#', (int)(times[i] * BarWidth / notifications));
            output.WriteLine(Figures.Invariant($"  {Rows[i].Label,-10} {times[i],8}  {shares[i],6}  {bar}"));
        }
    }
}
