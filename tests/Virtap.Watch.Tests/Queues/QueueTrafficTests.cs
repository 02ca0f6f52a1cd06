using Virtap.Tracing.Statistics;
using Virtap.Watch.Queues;

namespace Virtap.Watch.Tests.Queues;

public class QueueTrafficTests
{
    private static QueueEvents Events(long handled, long kicked, long completed, long decisions, params long[] sizes)
    {
        var perNotification = new LogLinearHistogram();
        foreach (long size in sizes)
            perNotification.Add(size);
        return new QueueEvents
        {
            Handled = handled, KickedByEvent = kicked, Completed = completed, Decisions = decisions, Agreed = sizes.Length,
            Notifications = sizes.Length, PerNotification = perNotification,
        };
    }

    private static QueueTraffic Traffic(QueueEvents events, bool hasEventNotifier = true) =>
        new(TimeSpan.FromSeconds(2), events, hasEventNotifier);

    [Fact]
    public void What_was_handled_without_a_kick_was_polled_for_where_kicks_come_through_an_eventfd()
    {
        Assert.Equal((3, 7), (Traffic(Events(10, 3, 0, 0)).Kicks, Traffic(Events(10, 3, 0, 0)).Polls));
        Assert.Equal(
            (10, 0),
            (Traffic(Events(10, 0, 0, 0), hasEventNotifier: false).Kicks, Traffic(Events(10, 0, 0, 0), hasEventNotifier: false).Polls));
    }

    [Fact]
    public void Decisions_that_are_not_to_be_seen_are_not_taken_for_none()
    {
        Assert.Equal(4, Traffic(Events(0, 0, 9, 6, 4, 5)).Suppressed);
        Assert.Null(Traffic(Events(0, 0, 9, 0, 4, 5)).Suppressed);
    }

    [Fact]
    public void An_interval_has_what_came_since_the_one_before()
    {
        QueueEvents news = Events(10, 8, 30, 9, 5, 7, 9).Since(Events(4, 4, 10, 3, 5));

        Assert.Equal((6, 4, 20, 6, 2), (news.Handled, news.KickedByEvent, news.Completed, news.Decisions, news.Notifications));
        Assert.Equal([7L, 9], news.PerNotification.Buckets.Select(b => b.Lowest));
    }
}
