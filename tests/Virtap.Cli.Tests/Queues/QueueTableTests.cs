using Virtap.Cli.Queues;
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
}
