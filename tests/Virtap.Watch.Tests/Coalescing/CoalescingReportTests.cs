using Virtap.Watch.Coalescing;

namespace Virtap.Watch.Tests.Coalescing;

public class CoalescingReportTests
{
    [Theory]
    [InlineData(0, 1, 6)]
    [InlineData(2, 8, 2)]
    [InlineData(9, 32, 0)]
    [InlineData(121, long.MaxValue, 3)]
    public void Notifications_are_counted_by_how_many_requests_they_announced(long least, long most, long times)
    {
        var report = new CoalescingReport(741, 14, new Dictionary<long, long> { [0] = 1, [1] = 5, [8] = 2, [40] = 3, [200] = 3 }, 0);

        Assert.Equal(times, report.TimesWithin(least, most));
    }
}
