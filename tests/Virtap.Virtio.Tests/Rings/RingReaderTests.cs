using System.Runtime.InteropServices;
using System.Text.Json;
using Virtap.Virtio.Devices;
using Virtap.Virtio.Findings;
using Virtap.Virtio.Queues;
using Virtap.Virtio.Rings;
using Virtap.Virtio.Tests.Support;

namespace Virtap.Virtio.Tests.Rings;

/// <summary>Rings of a real guest.</summary>
[Collection(GuestCollection.Name)]
public class RingReaderTests(GuestFixture guest)
{
    private static readonly TimeSpan s_watch = TimeSpan.FromSeconds(0.3);

    private QemuProcess Process => QemuProcess.Open(guest.Qemu.Process);

    [Fact]
    public void A_request_that_waits_for_its_backend_is_in_flight_with_its_head_its_descriptors_and_its_age()
    {
        // The first request passes; the second waits for eight seconds.
        Limit("bps-total", 8192);
        try
        {
            guest.Qemu.Run("dd if=/dev/vdd of=/dev/null bs=64k count=2 iflag=direct 2>/dev/null & sleep 1");
            VirtioDevice device = Device("slow0");
            RingContents contents = new RingReader(Process, device, 0).Read(s_watch)!;

            Assert.Equal((true, 1, 0L), (contents.IsStill, contents.InFlightCount, contents.NotShown));
            Assert.Empty(contents.Findings);
            Assert.Empty(contents.Waiting);
            RingRequest request = Assert.Single(contents.InFlight);
            Assert.True(request.IsCertain);
            Assert.Empty(request.Findings);
            Assert.Equal(("read", 65536ul), (request.Block!.Name, request.Block.DataLength));
            Assert.True(request.Block.Sector is 0 or 128);
            Assert.True(request.Age is { AtMost: null, AtLeast.TotalSeconds: > 0.2 }, $"{request.Age}");

            // QEMU's own account of the element: from its end, and without the table itself.
            JsonElement truth = guest.Qemu.Ask(
                "x-query-virtio-queue-element", $$"""{"path": "{{device.QomPath}}", "queue": 0, "index": {{request.OfferedAt}}}""");
            Assert.Equal(truth.GetProperty("index").GetInt32(), request.Head);
            Assert.Equal(
                truth.GetProperty("descs").EnumerateArray().Reverse()
                    .Select(d => (d.GetProperty("addr").GetUInt64(), d.GetProperty("len").GetUInt32(), IsWritten(d))),
                request.Descriptors.Where(d => !d.IsTable).Select(d => (d.Address, d.Length, d.IsWritten)));
        }
        finally
        {
            Limit("bps-total", 0);
        }

        guest.Qemu.Run("wait; dd if=/dev/vdd of=/dev/null bs=64k count=2 iflag=direct 2>/dev/null");
        Assert.Empty(new RingReader(Process, Device("slow0"), 0).Read(TimeSpan.Zero)!.InFlight);
    }

    [Theory]
    [InlineData("disk0", "vda")]
    [InlineData("packed0", "vdb")]
    [InlineData("plain0", "vdc")]
    public void Nothing_of_a_busy_ring_is_taken_for_broken(string id, string name)
    {
        guest.Qemu.Begin($"dd if=/dev/{name} of=/dev/null bs=64k count=6000 iflag=direct 2>/dev/null");
        var reader = new RingReader(Process, Device(id), 0);
        for (int n = 0; n < 100; n++)
            Assert.True(reader.Read(TimeSpan.Zero) is { IsBroken: false } contents && contents.InFlight.All(IsRead), "a ring that is none");
        guest.Qemu.Finish();
    }

    [Fact]
    public void Of_a_ring_that_moves_the_requests_that_stay_are_shown()
    {
        Limit("iops-total", 100);
        guest.Qemu.Begin("dd if=/dev/vdd of=/dev/null bs=64k count=400 iflag=direct 2>/dev/null");
        var reader = new RingReader(Process, Device("slow0"), 0);
        int requests = 0;
        // The load may begin late, on a machine that has other things to do.
        for (int n = 0; n < 5000 && requests < 5; n++)
        {
            Thread.Sleep(5);
            RingContents contents = reader.Read(TimeSpan.Zero)!;
            Assert.False(contents.IsBroken);
            Assert.All(contents.InFlight, r => Assert.True(IsRead(r)));
            requests += contents.InFlight.Count;
        }

        Limit("iops-total", 0);
        guest.Qemu.Finish();
        Assert.True(requests > 0, "nothing was ever in flight");
    }

    [Fact]
    public void Every_ring_of_every_device_is_sound_and_holds_as_much_as_its_indices_say()
    {
        QemuProcess qemu = Process;
        int requests = 0;
        foreach (VirtioDevice device in qemu.FindDevices())
        {
            foreach (QueueState queue in new QueueReader(qemu, device).Read()!.Queues.Where(q => q.IsSetUp))
            {
                RingContents contents = new RingReader(qemu, device, queue.Index!.Value).Read(TimeSpan.Zero)!;

                var findings = contents.Findings.Concat(contents.InFlight.Concat(contents.Waiting).SelectMany(r => r.Findings));
                string name = $"{device.Name}/{queue.Index}: {string.Join("; ", findings.Select(f => f.What))}";
                Assert.True(contents is { IsStill: true, NotShown: 0 } && name.EndsWith(": ", StringComparison.Ordinal), name);
                Assert.Equal(
                    contents.InFlightCount, contents.Device.IsPacked
                    ? contents.InFlight.Sum(r => r.Descriptors.Count(d => !d.IsInTable)) : contents.InFlight.Count);
                Assert.All(contents.InFlight, r => Assert.True(r.IsCertain, name));
                if (contents.Queue.Guest!.AvailIndex is { } avail)
                    Assert.Equal((ushort)(avail - contents.Queue.LastAvailIndex), contents.Waiting.Count);
                requests += contents.InFlight.Count + contents.Waiting.Count;
            }
        }

        // A network card and others are given buffers in advance.
        Assert.True(requests > 10, $"only {requests} in all rings");
    }

    [Fact]
    public void A_head_that_nobody_offered_is_told_apart_from_a_request()
    {
        VirtioDevice device = Device("disk0");
        QueueState queue = new QueueReader(Process, device).Read()!.Queues[0];
        GuestRing ring = queue.Guest!;
        ulong slot = ring.Avail + 4 + 2 * (ulong)(ring.AvailIndex!.Value % queue.Number);
        ushort before = Read(slot);
        Write(slot, 1000);
        Write(ring.Avail + 2, (ushort)(ring.AvailIndex.Value + 1));
        try
        {
            RingContents contents = new RingReader(Process, device, 0).Read(TimeSpan.Zero)!;

            RingRequest request = Assert.Single(contents.Waiting);
            Assert.True(contents.IsBroken);
            Assert.Equal(new Finding(FindingKind.Broken, new NoSuchDescriptor(1000, 128)), Assert.Single(request.Findings));
        }
        finally
        {
            Write(ring.Avail + 2, ring.AvailIndex.Value);
            Write(slot, before);
        }
    }

    private static bool IsRead(RingRequest request) =>
        request.Block is { Name: "read", DataLength: 65536, Sector: var sector } && sector % 128 == 0;

    private static bool IsWritten(JsonElement descriptor) =>
        descriptor.GetProperty("flags").EnumerateArray().Any(f => f.GetString() == "write");

    private VirtioDevice Device(string id) => Process.FindDevices().Single(d => d.Id == id);

    private void Limit(string what, int perSecond) => guest.Qemu.Ask("qom-set",
        $$"""{"path": "/objects/throttle0", "property": "limits", "value": {"{{what}}": {{perSecond}} } }""");

    private ushort Read(ulong address) =>
        guest.Qemu.Process.Memory.TryRead(address, out ushort value) ? value : throw new InvalidOperationException();

    private void Write(ulong address, ushort value)
    {
        using FileStream memory = new(
            $"/proc/{guest.Qemu.Id}/mem", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        memory.Seek((long)address, SeekOrigin.Begin);
        memory.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<ushort>(in value)));
    }
}
