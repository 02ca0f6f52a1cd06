using Virtap.Watch.Latency;
using static Virtap.Watch.Tests.Latency.SomeLatency;

namespace Virtap.Watch.Tests.Latency;

/// <summary>What became of a queue's requests, at two looks.</summary>
public class QueueLatencyTests
{
    [Fact]
    public void What_came_since_an_earlier_look_is_what_was_not_there_then()
    {
        QueueLatency later = Queue with { Reads = Queue.Reads + Of(40_000), Unasked = 5, Decisions = 9 };

        QueueLatency news = later.Since(Queue);

        Assert.Equal((1, 40_000, 40_000), (news.Reads.Count, news.Reads.Sum, news.Reads.Max));
        Assert.Equal((0, 0, 0), (news.Writes.Count, news.Writes.Sum, news.Writes.Max));
        Assert.Equal((1, 3, 5), (news.Completed, news.Unasked, news.Decisions));
    }

    [Fact]
    public void An_interval_has_the_queues_of_its_end_and_what_they_did_in_it()
    {
        QueueLatency other = Queue with { Queue = 1 };
        var earlier = new LatencySample(TimeSpan.FromSeconds(1), [Queue], InFlight: 7, Abandoned: 2);
        var later = new LatencySample(TimeSpan.FromSeconds(3), [Queue with { Decisions = 10 }, other], InFlight: 3, Abandoned: 5);

        LatencySample news = later.Since(earlier);

        Assert.Equal((TimeSpan.FromSeconds(2), 3L, 3L), (news.Duration, news.InFlight, news.Abandoned));
        Assert.Equal([(0, 6L, 0L), (1, 4L, 5L)], news.Queues.Select(q => (q.Queue, q.Decisions, q.Completed)));
    }
}
