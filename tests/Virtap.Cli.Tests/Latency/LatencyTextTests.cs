using System.Text;
using System.Text.Json;
using Virtap.Cli.Latency;
using Virtap.Cli.Tests.Rendering;
using Virtap.Tracing.Runtime;
using Virtap.Virtio.Devices;
using Virtap.Virtio.Queues;
using Virtap.Watch.Latency;
using static Virtap.Watch.Tests.Latency.SomeLatency;

namespace Virtap.Cli.Tests.Latency;

public class LatencyTextTests
{
    private static LatencyReport Report(QueueLatency queue, bool isWhole = true, LossCounts losses = default) =>
        new(Disk.State, new LatencySample(TimeSpan.FromSeconds(2), [queue], InFlight: 1, Abandoned: 0), InFlightBefore: 2, losses, isWhole);

    [Fact]
    public void All_stages_are_shown_with_a_picture_and_what_is_missing()
    {
        string text = Rendered.Text(o => LatencyText.Write(o, Report(Queue), hasBlocks: false));

        string[] lines = text.Split('\n');
        Assert.StartsWith("disk0 (virtio-blk, QEMU 4711), 2.0 s, until ", lines[0], StringComparison.Ordinal);
        Assert.Equal("""
            Q  ROLE      TIME UNTIL  COUNT     MEAN      P50      P90      P99    P99.9      MAX
            0  requests  completed       4   260 µs  10.2 µs  1.00 ms  1.00 ms  1.00 ms  1.00 ms
                           reads         3  13.4 µs  10.2 µs  20.0 µs  20.0 µs  20.0 µs  20.0 µs
                           writes        1  1.00 ms  1.00 ms  1.00 ms  1.00 ms  1.00 ms  1.00 ms
                         notified        2   600 ns   503 ns   700 ns   700 ns   700 ns   700 ns

            queue 0 (requests), from taken to completed
              8.19 µs - 12.3 µs  2  50.0%  ########################################
              12.3 µs - 16.4 µs  0   0.0%
              16.4 µs - 24.6 µs  1  25.0%  ####################
            """.Split('\n')[..9], lines[1..10]);
        Assert.Contains("queue 0 (requests): of 2 requests completed no notification told", text, StringComparison.Ordinal);
        Assert.Contains(
            "2 requests in flight when watching began; 1 request taken before that completed meanwhile", text, StringComparison.Ordinal);
        Assert.Contains("2 requests in flight at the end", text, StringComparison.Ordinal);
        Assert.DoesNotContain("skipped", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Skipped_probes_are_told() =>
        Assert.Contains(
            "3 hits of a probe skipped",
            Rendered.Text(o => LatencyText.Write(o, Report(Queue, losses: new LossCounts { SkippedByLock = 3 }), hasBlocks: false)),
            StringComparison.Ordinal);

    [Fact]
    public void An_interval_is_a_table_without_pictures() =>
        Assert.Equal(
            6, Rendered.Text(o => LatencyText.Write(o, Report(Queue, isWhole: false), hasBlocks: false)).Split('\n')
            .Count(line => line.Length > 0));

    [Fact]
    public void Json_has_every_bucket()
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
            LatencyJson.Write(writer, Report(Queue));
        JsonElement queue = JsonDocument.Parse(Encoding.UTF8.GetString(stream.ToArray())).RootElement.GetProperty("queues")[0];

        JsonElement reads = queue.GetProperty("reads");
        Assert.Equal((3, 40_100), (reads.GetProperty("count").GetInt32(), reads.GetProperty("sum").GetInt32()));
        Assert.Equal(["[9984,10239,2]", "[19968,20479,1]"], reads.GetProperty("buckets").EnumerateArray().Select(b => b.ToString()));
        Assert.Equal(4, queue.GetProperty("completed").GetProperty("count").GetInt32());
    }
}
