using System.Net.Sockets;
using System.Text;
using Virtap.Cli.Recorders;

namespace Virtap.Cli.Tests.Recorders;

public sealed class RecorderServerTests : IDisposable
{
    private readonly string _name = $"virtap_test_{Guid.NewGuid():N}";
    private readonly RecordedOutput _output = new(capacity: 100);
    private readonly RecorderServer _server;

    public RecorderServerTests()
    {
        _server = new RecorderServer(RecorderChannel.Listen(_name)!, _output, () => _output.End(0));
        _server.Start();
    }

    public void Dispose() => _server.Dispose();

    [Fact]
    public void What_a_visitor_has_not_taken_when_it_goes_is_for_the_next()
    {
        Add("one\n");
        Add("two\n");
        using (NetworkStream first = Visit())
        {
            Assert.Equal("one\n", Read(first));
            first.WriteByte((byte)RecorderWish.Taken);
            Assert.Equal("two\n", Read(first));
        }

        _output.End(7);
        // The server may not have heard yet that the first has gone.
        (VisitEnd End, int Status) visit = (VisitEnd.Busy, 0);
        var text = new StringBuilder();
        SpinWait.SpinUntil(() => (visit = FetchAll(text)).End != VisitEnd.Busy, TimeSpan.FromMinutes(1));
        Assert.Equal((VisitEnd.Ended, 7), visit);
        Assert.Equal("two\n", text.ToString());
        _server.WaitUntilDone();
    }

    [Fact]
    public void What_there_is_no_room_for_is_counted_and_the_rest_begins_with_a_line()
    {
        Add(new string('a', 60) + "\nhalf of ");
        Add("a line\n" + new string('b', 40) + "\n");
        _output.End(0);
        var text = new StringBuilder();
        Assert.Equal((VisitEnd.Ended, 0), FetchAll(text));
        Assert.Equal($"({69 + 7} lost)" + new string('b', 40) + "\n", text.ToString());
    }

    [Fact]
    public void A_second_visitor_is_told_and_a_name_is_taken_once()
    {
        using NetworkStream first = Visit();
        Add("one\n");
        Assert.Equal("one\n", Read(first));
        Assert.Equal(VisitEnd.Busy, FetchAll(new StringBuilder()).End);
        Assert.Null(RecorderChannel.Listen(_name));
        Assert.Contains(_name, RecorderChannel.Names());
        Assert.Null(RecorderChannel.Connect(_name + "x"));
    }

    private void Add(string text) => _output.Add(RecorderNews.Output, Encoding.UTF8.GetBytes(text));

    private NetworkStream Visit()
    {
        var stream = new NetworkStream(RecorderChannel.Connect(_name)!, ownsSocket: true);
        stream.WriteByte((byte)RecorderWish.Fetch);
        return stream;
    }

    private static string Read(NetworkStream stream) => Encoding.UTF8.GetString(RecorderChannel.Receive(stream)!.Value.Bytes);

    private (VisitEnd End, int Status) FetchAll(StringBuilder into)
    {
        using var visit = new RecorderVisit(RecorderChannel.Connect(_name)!);
        return visit.Fetch((kind, bytes, lost) =>
            into.Append(kind == RecorderNews.Lost ? $"({lost} lost)" : Encoding.UTF8.GetString(bytes)));
    }
}
