using Virtap.Cli.Rendering;
using Virtap.Watch.Coalescing;

namespace Virtap.Cli.Coalescing;

/// <summary>Requests per notification for a person, as examples/coalescing.stp prints them.</summary>
internal static class CoalescingText
{
    private const int BarWidth = 40;

    private static readonly (string Label, long Min, long Max)[] s_rows =
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
        long[] times = [.. s_rows.Select(row => report.TimesWithin(row.Min, row.Max))];
        string[] shares = Figures.Shares(times);
        for (int i = 0; i < s_rows.Length; i++)
        {
            string bar = new('#', (int)(times[i] * BarWidth / notifications));
            output.WriteLine(Figures.Invariant($"  {s_rows[i].Label,-10} {times[i],8}  {shares[i],6}  {bar}"));
        }
    }
}
