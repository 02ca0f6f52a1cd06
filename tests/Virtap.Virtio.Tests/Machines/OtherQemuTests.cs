using System.Text.Json;
using Virtap.Processes;
using Virtap.Qtest;
using Virtap.Virtio.Devices;
using Virtap.Virtio.Features;
using Virtap.Virtio.Findings;
using Virtap.Virtio.Machines;
using Virtap.Virtio.Queues;
using Virtap.Virtio.Rings;
using Virtap.Virtio.Tests.Support;
using Virtap.Virtio.Verdicts;
using Virtap.Watch.Diagnoses;

namespace Virtap.Virtio.Tests.Machines;

/// <summary>
/// QEMUs of other releases, running: what is read of them is what their own monitor says, and what the drivers have done.
/// </summary>
public class OtherQemuTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("5.2")]
    [InlineData("7.2")]
    [InlineData("10.0")]
    [InlineData("newest")]
    public void Every_queue_is_as_its_driver_and_QMP_know_it(string release)
    {
        using DrivenQemu qemu = DrivenQemu.Start(release);
        QemuProcess process = qemu.Process;
        QemuMachine machine = QemuMachine.Read(process.Process);

        Assert.Null(machine.Problem);
        Assert.Null(machine.Start);
        Assert.StartsWith($"{qemu.Version}.", machine.Version, StringComparison.Ordinal);
        Assert.Equal(qemu.Drivers.Keys.Order(), machine.Devices.Select(d => d.Device.Id).Order());
        int queues = 0, asked = 0;
        foreach (VirtioDevice device in machine.Devices.Select(d => d.Device))
        {
            VirtioDriver driver = qemu.Drivers[device.Id!];
            DeviceState state = new QueueReader(process, device).Read()!;
            Assert.Equal((driver.Features, driver.Transport.DeviceId), (state.GuestFeatures, state.DeviceId));
            // Of what a device offers, a modern driver is not shown all that is of old ones, in the lower half.
            Assert.Equal((driver.Offered, driver.Offered >> 32), (state.HostFeatures & driver.Offered, state.HostFeatures >> 32));
            Assert.Equal((false, true), (state.Broken, state.VmRunning));
            Assert.Equal(driver.Queues.Count, state.Queues.Count(q => q.IsSetUp));
            foreach (DrivenQueue driven in driver.Queues)
            {
                CheckDriver(driver, driven, state, new RingReader(process, device, driven.Index).Read(TimeSpan.Zero)!);
                queues++;
            }

            // QEMU 7.2 and later.
            if (qemu.Version >= new Version(7, 2))
                asked += CheckMonitor(qemu, device, state);
        }

        output.WriteLine(
            $"figure: QEMU {qemu.Version}: {machine.Devices.Count} devices, {queues} queues as their drivers know them, {asked} as QMP");
    }

    [Theory]
    [InlineData("5.2")]
    [InlineData("7.2")]
    [InlineData("10.0")]
    [InlineData("newest")]
    public void The_thread_of_each_queue_is_known_and_a_stopped_one_is_told_of_its_queues_only(string release)
    {
        using DrivenQemu qemu = DrivenQemu.Start(release);
        QemuProcess process = qemu.Process;
        IReadOnlyList<VirtioDevice> devices = process.FindDevices();
        IReadOnlyList<string?> Threads(string id) => devices.Single(d => d.Id == id).IoThreads;

        Assert.Equal(["iothread0", "iothread0"], Threads("disk0"));
        Assert.Equal([null], Threads("packed0"));
        Assert.All(Threads("nic0"), Assert.Null);
        Assert.Equal(["iothread1", "iothread1"], Threads("scsi0").Skip(2));
        if (qemu.Version < new Version(9, 0))
            return;
        Assert.Equal(["iothread0", "iothread1", "iothread0", "iothread1"], Threads("mapped0"));
        Assert.Equal(["iothread1", "iothread0", "iothread1"], Threads("mapped1"));

        VirtioDevice mapped = devices.Single(d => d.Id == "mapped0");
        ServingThread thread = new ServingThreads(process.Process, process.ReadObjects()).Of(mapped, 1)!;
        Assert.Equal(
            qemu.Ask("query-iothreads").EnumerateArray().Single(t => t.GetProperty("id").GetString() == "iothread1")
                .GetProperty("thread-id").GetInt32(), thread.Thread.Id);
        VirtioDriver driver = qemu.Drivers["mapped0"];
        using (StoppedThread.Stop(thread.Thread.Id))
        {
            foreach (DrivenQueue queue in driver.Queues)
                queue.Submit(DeviceRequests.BlockRead(qemu.Machine.Ram, 0));
            foreach (int answered in (int[])[0, 2])
            {
                driver.Queues[answered].TakeAll(1);
                driver.Queues[answered].WantInterrupt();
            }

            qemu.Machine.Qtest.Flush();
            Diagnosis diagnosis = Diagnosis.Run(process, mapped, TimeSpan.FromSeconds(1.2), TestContext.Current.CancellationToken);

            Assert.Equal(
                VerdictKind.Stopped, Assert.Single(diagnosis.Verdicts, v => v.Subject.Kind == SubjectKind.Device && v.IsFault).Kind);
            Verdict[] queues = [.. diagnosis.Verdicts.Where(v => v.Queue is not null && v.IsFault)];
            Assert.Equal([1, 3], queues.Select(v => v.Queue!.Value));
            Assert.All(queues, v => Assert.Equal(VerdictKind.NotServed, v.Kind));
            Assert.All(
                queues,
                v => Assert.Contains(v.Evidence, e => e is ThreadSeen { IoThread: "iothread1" } seen && seen.Id == thread.Thread.Id));
        }

        foreach (int late in (int[])[1, 3])
        {
            driver.Queues[late].TakeAll(1);
            driver.Queues[late].WantInterrupt();
        }

        qemu.Machine.Qtest.Flush();
        Assert.True(Diagnosis.Run(process, mapped, TimeSpan.FromSeconds(1.2), TestContext.Current.CancellationToken).IsHealthy);
    }

    // The disk is read of before the device is made, and does not answer for fifty minutes.
    [Theory]
    [InlineData("5.2")]
    [InlineData("7.2")]
    [InlineData("10.0")]
    [InlineData("newest")]
    public void A_QEMU_that_waits_for_a_disk_while_it_starts_is_said_to_be_starting_and_for_which_device(string release)
    {
        IReadOnlyList<string> command = DrivenQemu.Find(release).Command;
        using BareQemu qemu = BareQemu.Start([.. command.SkipLast(1)], command[^1],
            "-blockdev", "driver=null-co,node-name=silent0,latency-ns=3000000000000",
            "-device", "virtio-rng-pci,id=random0", "-device", "virtio-blk-pci,id=stuck0,drive=silent0");
        QemuMachine? machine = null;
        Assert.True(
            SpinWait.SpinUntil(
                () =>
                {
                    Thread.Sleep(20);
                    machine = LiveProcess.Find(qemu.Id) is { } process ? QemuMachine.Read(process) : null;
                    return machine is { Start: { Missing.Count: 1, MainThread.WaitsIn: not null }, Devices.Count: 1 };
                }, TimeSpan.FromSeconds(60)), $"{machine?.Problem} {machine?.Start} {machine?.Devices.Count}");

        Assert.Equal(new MissingDevice("stuck0", "virtio-blk-device", "silent0"), machine!.Start!.Missing.Single());
        // Newer ones wait through io_uring.
        Assert.Matches("poll|io_cqring_wait", machine.Start.MainThread!.Value.WaitsIn);
        Assert.Equal("random0", machine.Devices.Single().Device.Id);
    }

    private static void CheckDriver(VirtioDriver driver, DrivenQueue driven, DeviceState state, RingContents ring)
    {
        QueueState queue = state.Queues[driven.Index];
        Assert.Equal(((uint)driven.Size, (ushort)driven.Index), (queue.Number, queue.Vector));
        Assert.Equal((driven.Descriptors, driven.DriverArea, driven.DeviceArea), (queue.Descriptors, queue.Avail, queue.Used));
        Assert.Equal(driven.UsedIndex, queue.UsedIndex);
        Assert.Equal(state.HasEventIndex, queue.Guest!.Driver.Event is not null || state.IsPacked);
        if (driven.UsedEvent is { } wanted)
            Assert.Equal(wanted, queue.Guest.Driver.Event);
        Assert.Empty(QueueInvariants.Check(queue, state.IsPacked));
        if (driver.Has(DriverFeatures.Packed))
        {
            Assert.Equal((driven.AvailIndex, driven.AvailWrap), (queue.LastAvailIndex, queue.LastAvailWrap));
            Assert.Equal(driven.UsedWrap, queue.UsedWrap);
        }
        else
        {
            Assert.Equal((driven.AvailIndex, driven.UsedIndex), (queue.Guest.AvailIndex, queue.Guest.UsedIndex));
        }

        // Those of a network's receive queue are not taken before there is a packet.
        Assert.Equal(driven.InFlight.Select(r => (int)r.Id).Order(), ring.InFlight.Concat(ring.Waiting).Select(r => r.Head).Order());
        foreach (RingRequest request in ring.InFlight.Concat(ring.Waiting))
        {
            Assert.Equal(
                driven.InFlight.Single(r => r.Id == request.Head).Buffers,
                request.Descriptors.Where(d => !d.IsTable).Select(d => new GuestBuffer(d.Address, d.Length, d.IsWritten)));
        }
    }

    private static int CheckMonitor(DrivenQemu qemu, VirtioDevice device, DeviceState state)
    {
        // Debian's 11.1.3 ends by the question.
        if (qemu.Version < new Version(11, 0))
        {
            JsonElement status = qemu.Ask("x-query-virtio-status", $$"""{"path": "{{device.QomPath}}"}""");
            Assert.Equal(device.Kind, status.GetProperty("name").GetString());
            Assert.Equal(status.GetProperty("num-vqs").GetInt32(), state.Queues.Count);
            Assert.Equal(status.GetProperty("vhost-started").GetBoolean(), state.VhostStarted);
        }

        foreach (QueueState queue in state.Queues)
        {
            JsonElement truth = qemu.Ask(
                "x-query-virtio-queue-status", $$"""{"path": "{{device.QomPath}}", "queue": {{queue.Index}}}""");
            Assert.Equal(truth.GetProperty("vring-num").GetUInt32(), queue.Number);
            Assert.Equal(truth.GetProperty("vring-num-default").GetUInt32(), queue.DefaultNumber);
            Assert.Equal(truth.GetProperty("vring-desc").GetUInt64(), queue.Descriptors);
            Assert.Equal(truth.GetProperty("vring-avail").GetUInt64(), queue.Avail);
            Assert.Equal(truth.GetProperty("vring-used").GetUInt64(), queue.Used);
            Assert.Equal(truth.GetProperty("inuse").GetUInt32(), queue.InUse);
            Assert.Equal(truth.GetProperty("used-idx").GetUInt16(), queue.UsedIndex);
            Assert.Equal(truth.GetProperty("signalled-used").GetUInt16(), queue.SignalledUsed);
            Assert.Equal(truth.GetProperty("signalled-used-valid").GetBoolean(), queue.SignalledUsedValid);
            if (truth.TryGetProperty("last-avail-idx", out JsonElement lastAvail))
                Assert.Equal(lastAvail.GetUInt16(), queue.LastAvailIndex);
            if (truth.TryGetProperty("shadow-avail-idx", out JsonElement shadow))
                Assert.Equal(shadow.GetUInt16(), queue.ShadowAvailIndex);
        }

        return state.Queues.Count;
    }
}
