using System.Globalization;
using System.Text.Json;
using Virtap.Qtest;

namespace Virtap.EndToEnd.Arm64;

/// <summary>
/// The notes' own kind of machine: an aarch64 host, whose QEMU is driven from outside by a driver that knows what it has done.
/// </summary>
[Collection(Arm64Collection.Name)]
public class Arm64QemuTests(Arm64Machine machine, ITestOutputHelper output)
{
    [Fact]
    public async Task What_is_said_of_a_QEMU_is_what_its_driver_did()
    {
        var qemu = await Arm64Qemu.StartAsync(machine);
        // A queue that has never signalled announces the first request, whatever was asked for.
        qemu.Complete(1);

        await Assert.MultipleAsync(
            () => TheNotesScriptAsync(qemu),
            () => CommandsThatTraceAsync(qemu),
            () => CommandsThatLookAsync(qemu),
            () => RequestsThatHangAsync(qemu),
            () => AKickThatIsMissingAsync(qemu));
    }

    /// <summary>examples/virtio.stap, byte for byte.</summary>
    private async Task TheNotesScriptAsync(Arm64Qemu qemu)
    {
        int[] batches = [128, 127, 121, 120, 64, 128];
        const int Unannounced = 5;
        var session = await qemu.AttachAsync(
            "notes", $"virtap run -x {qemu.Id} --exe /usr/libexec/qemu-kvm=/usr/bin/qemu-system-aarch64 /virtio.stap vdev:disk0");
        foreach (var batch in batches)
            qemu.Complete(batch);
        qemu.Complete(Unannounced, announced: false);
        var printed = await session.EndAsync();

        var vdev = await qemu.LoggedAddressAsync();
        var lines = batches.Where(count => count > 120).Select(count => $"virtio_notify_irqfd, {count}, vdev = {vdev}\n");
        Assert.Equal((string.Concat(lines) + $"count = {Unannounced}\n", ""), (printed.Output, printed.Error));
        output.WriteLine($"figure: the notes' script on aarch64: {printed.Output.Split('\n')[0]}");
    }

    private static async Task CommandsThatTraceAsync(Arm64Qemu qemu)
    {
        var coalescing = await qemu.AttachAsync("coalescing", $"virtap coalescing {qemu.Id} disk0");
        var latency = await qemu.AttachAsync("latency", $"virtap latency {qemu.Id} disk0 --json");
        int[] batches = [100, 28, 128];
        foreach (var batch in batches)
            qemu.Complete(batch);
        var counted = await coalescing.EndAsync();
        var timed = await latency.EndAsync();

        Assert.StartsWith("256 requests completed, 3 notifications sent: 85.3 requests per notification\n", counted.Output,
            StringComparison.Ordinal);
        var queue = Assert.Single(JsonDocument.Parse(timed.Output).RootElement.GetProperty("queues").EnumerateArray());
        Assert.Equal((256, 0, 0), (Count(queue, "reads"), Count(queue, "writes"), Count(queue, "other")));
        Assert.Equal((256, 0), (Count(queue, "completed"), Number(queue, "lost")));
        // Of a batch those are announced that QEMU considers together with the last; it knows of the others that nobody asked for them.
        Assert.InRange(Count(queue, "notified"), batches.Length, 256);
        Assert.Equal(256, Count(queue, "notified") + Number(queue, "notWanted"));
    }

    private static async Task CommandsThatLookAsync(Arm64Qemu qemu)
    {
        var (_, machines) = await qemu.AskAsync("ls", "");
        var found = machines.GetProperty("machines")[0];
        Assert.Equal("/usr/bin/qemu-system-aarch64", found.GetProperty("executable").GetString());
        var disk = found.GetProperty("devices").EnumerateArray().Single(device => device.GetProperty("id").GetString() == "disk0");
        Assert.Equal("0x" + await qemu.LoggedAddressAsync(), disk.GetProperty("address").GetString());
        Assert.Equal(("virtio-blk", "backing0", "iothread0"), (Text(disk, "kind"), Text(disk, "backend"), Text(disk, "iothread")));
        Assert.Equal(
            ["event_idx", "indirect_desc", "version_1"],
            disk.GetProperty("features").EnumerateArray().Select(feature => feature.GetString()!).Order(StringComparer.Ordinal));

        var (_, queues) = await qemu.AskAsync("vq", "disk0 --once --interval 0.5");
        AssertState(Assert.Single(queues.GetProperty("queues").EnumerateArray()), qemu.Disk, inUse: 0);
        var (_, ring) = await qemu.AskAsync("ring", "disk0");
        AssertState(ring, qemu.Disk, inUse: 0);
        Assert.Empty(ring.GetProperty("inFlight").EnumerateArray());

        var (status, verdicts) = await qemu.AskAsync("why", "disk0");
        Assert.Equal((0, true), (status, verdicts.GetProperty("healthy").GetBoolean()));
    }

    private static async Task RequestsThatHangAsync(Arm64Qemu qemu)
    {
        var requests = qemu.Put(qemu.Slow, 3);
        qemu.Slow.Kick();

        var (_, ring) = await qemu.AskAsync("ring", "slow0");
        AssertState(ring, qemu.Slow, inUse: requests.Count);
        var shown = ring.GetProperty("inFlight").EnumerateArray().ToList();
        Assert.Equal(requests.Count, shown.Count);
        foreach (var (request, n) in requests.Select((request, n) => (request, n)))
        {
            var there = shown.Single(each => each.GetProperty("head").GetInt32() == request.Id);
            Assert.True(there.GetProperty("certain").GetBoolean());
            var block = there.GetProperty("block");
            Assert.Equal(
                ("read", (long)Arm64Qemu.SectorOf(n), 512), (Text(block, "type"), Number(block, "sector"), Number(block, "bytes")));
            Assert.Equal(
                request.Buffers.Select(buffer => (Address(buffer.Address), (long)buffer.Length, buffer.DeviceWrites)),
                there.GetProperty("descriptors").EnumerateArray().Where(piece => piece.GetProperty("inTable").GetBoolean())
                    .Select(piece => (Text(piece, "address"), Number(piece, "length"), piece.GetProperty("deviceWrites").GetBoolean())));
        }

        var (status, verdicts) = await qemu.AskAsync("why", "slow0");
        Assert.Equal((2, false), (status, verdicts.GetProperty("healthy").GetBoolean()));
        var verdict = verdicts.GetProperty("devices")[0].GetProperty("verdicts")[0];
        Assert.Equal((true, 0), (verdict.GetProperty("fault").GetBoolean(), verdict.GetProperty("queue").GetInt32()));
    }

    private static async Task AKickThatIsMissingAsync(Arm64Qemu qemu)
    {
        qemu.Put(qemu.Disk, 2);

        var (status, verdicts) = await qemu.AskAsync("why", "disk0");

        Assert.Equal(2, status);
        Assert.Contains(
            verdicts.GetProperty("devices")[0].GetProperty("verdicts").EnumerateArray(),
            verdict => verdict.GetProperty("verdict").GetString() == "lost kick");
    }

    /// <summary>QEMU's side of a queue and the ring in guest memory, against what the driver knows.</summary>
    private static void AssertState(JsonElement shown, DrivenQueue queue, int inUse)
    {
        Assert.Equal(
            (Address(queue.Descriptors), Address(queue.DriverArea), Address(queue.DeviceArea)),
            (Text(shown, "desc"), Text(shown, "avail"), Text(shown, "used")));
        Assert.Equal(
            (queue.Size, queue.AvailIndex, queue.AvailIndex, queue.UsedIndex, inUse, 1),
            (Number(shown, "size"), Number(shown, "last_avail_idx"), Number(shown, "shadow_avail_idx"), Number(shown, "used_idx"),
                Number(shown, "inuse"), Number(shown, "vector")));
        Assert.True(shown.GetProperty("eventIndex").GetBoolean());
        Assert.False(shown.GetProperty("packed").GetBoolean());
        var guest = shown.GetProperty("guest");
        Assert.Equal(
            ((long)queue.AvailIndex, (long)queue.UsedIndex, (long)queue.UsedEvent!.Value),
            (Number(guest, "avail_idx"), Number(guest, "used_idx"), Number(guest, "driver_event")));
    }

    private static string Address(ulong address) => string.Create(CultureInfo.InvariantCulture, $"0x{address:x}");

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString() ?? "";

    private static long Number(JsonElement element, string name) => element.GetProperty(name).GetInt64();

    private static long Count(JsonElement queue, string stage) => Number(queue.GetProperty(stage), "count");
}
