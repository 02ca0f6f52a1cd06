using Virtap.Cli.Queues;
using Virtap.Cli.Rendering;
using Virtap.Cli.Tests.Rendering;
using Virtap.Tracing.Statistics;
using Virtap.Virtio.Queues;
using Virtap.Watch.Queues;

namespace Virtap.Cli.Tests.Queues;

public class QueueTableTests
{
    private static QueueTraffic Traffic(params long[] sizes)
    {
        var perNotification = new LogLinearHistogram();
        foreach (long size in sizes)
            perNotification.Add(size);
        var events = new QueueEvents
        {
            Handled = 100, KickedByEvent = 80, Completed = 400, Decisions = 60, Agreed = sizes.Length,
            Notifications = sizes.Length, PerNotification = perNotification,
        };
        return new QueueTraffic(TimeSpan.FromSeconds(2), events, HasEventNotifier: true);
    }

    [Fact]
    public void The_table_shows_rates_by_the_second_and_how_many_requests_came_to_a_notification()
    {
        var rates =
            new QueueRates { Queue = 0, Duration = TimeSpan.FromSeconds(2), Taken = 400, Completed = 400, MaxInFlight = 9, InFlight = 1.5,
                IsAtLeast = false };
        var table = new QueueTable([new DeviceSample(Disk.State, [rates], [Traffic(1, 1, 32, 40)])]);

        Assert.Equal("""
            DEVICE  Q  ROLE      SIZE  FLIGHT  MOST  TAKEN/s  DONE/s  KICK/s  POLL/s  IRQ/s  NO IRQ/s  REQ/IRQ  P99  MAX  NOTE
            disk0   0  requests   128       2     9      200     200      40      10    2.0        28        1   40   40  ring not visible

            """, Rendered.Text(o => table.ToText().Write(o)));
    }

    [Fact]
    public void On_80_columns_all_that_is_shown_is_whole_and_a_QEMU_that_is_stopped_says_so()
    {
        var rates =
            new QueueRates { Queue = 0, Duration = TimeSpan.FromSeconds(1), Taken = 0, Completed = 0, MaxInFlight = 2, InFlight = 2,
                IsAtLeast = false };
        (TextTable table, IReadOnlyList<string> leftOut) =
            new QueueTable([new DeviceSample(Disk.State, [rates], IsStopped: true)]).ToText().Fit(80);

        Assert.Equal(["ROLE", "SIZE", "MEAN", "MOST", "TAKEN/s", "KICK AT", "IRQ AT"], leftOut);
        string[] lines = Rendered.Text(o => table.Write(o)).Split('\n');
        Assert.All(lines, static line => Assert.InRange(line.Length, 0, 80));
        Assert.EndsWith("QEMU is stopped, ring not visible", lines[1], StringComparison.Ordinal);
    }
}
