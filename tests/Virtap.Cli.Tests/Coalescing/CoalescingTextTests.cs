using Virtap.Cli.Coalescing;
using Virtap.Cli.Tests.Rendering;
using Virtap.Watch.Coalescing;

namespace Virtap.Cli.Tests.Coalescing;

/// <summary>Requests per notification, as the script prints them that counts them.</summary>
public class CoalescingTextTests
{
    [Fact]
    public void Rows_are_rounded_where_those_before_them_ended_and_add_up()
    {
        var report = new CoalescingReport(741, 13, new Dictionary<long, long> { [1] = 5, [8] = 2, [40] = 3, [200] = 3 }, 0);

        Assert.Equal(
            "741 requests completed, 13 notifications sent: 57.0 requests per notification\n"
            + "  requests      times\n"
            + "  0-1               5   38.4%  ###############\n"
            + "  2-8               2   15.4%  ######\n"
            + "  9-32              0    0.0%  \n"
            + "  33-120            3   23.1%  #########\n"
            + "  over 120          3   23.1%  #########\n",
            Rendered.Text(o => CoalescingText.Write(o, report)));
    }

    [Fact]
    public void Where_nothing_was_sent_there_is_no_table() => Assert.Equal(
        "3 requests completed, 0 notifications sent\n",
        Rendered.Text(o => CoalescingText.Write(o, new CoalescingReport(3, 0, new Dictionary<long, long>(), 0))));
}
