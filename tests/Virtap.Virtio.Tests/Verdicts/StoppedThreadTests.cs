using Virtap.Processes;
using Virtap.Virtio.Devices;
using Virtap.Virtio.Tests.Support;
using Virtap.Virtio.Verdicts;
using Virtap.Watch.Diagnoses;

namespace Virtap.Virtio.Tests.Verdicts;

/// <summary>Threads of QEMU that a debugger or a signal has stopped, while the rest of the guest goes on.</summary>
[Collection(GuestCollection.Name)]
public class StoppedThreadTests(GuestFixture guest)
{
    private const string Read = "dd if=/dev/vda of=/dev/null bs=4k count=1 iflag=direct 2>/dev/null";

    [Fact]
    public void The_thread_that_serves_a_device_is_known_by_its_number()
    {
        var (qemu, disk) = guest.Find("disk0");
        var (_, packed) = guest.Find("packed1");
        var threads = new ServingThreads(qemu.Process, qemu.ReadObjects());
        int Truth(string id) => guest.Qemu.Ask("query-iothreads").EnumerateArray().Single(t => t.GetProperty("id").GetString() == id)
            .GetProperty("thread-id").GetInt32();

        Assert.Equal(("iothread0", Truth("iothread0")), (threads.Of(disk, 0)!.IoThread, threads.Of(disk, 0)!.Thread.Id));
        Assert.Equal(("iothread1", Truth("iothread1")), (threads.Of(packed, 0)!.IoThread, threads.Of(packed, 0)!.Thread.Id));
        ServingThread main = threads.Of(guest.Find("nic0").Device, 0)!;
        Assert.Equal((null, guest.Qemu.Id), (main.IoThread, main.Thread.Id));
    }

    [Fact]
    public void A_stopped_iothread_is_named_with_the_kick_that_it_does_not_take_and_who_stopped_it()
    {
        var (qemu, disk) = guest.Find("disk0");
        int thread = new ServingThreads(qemu.Process, qemu.ReadObjects()).Of(disk, 0)!.Thread.Id;
        using (StoppedThread.Stop(thread))
        {
            guest.Qemu.Run($"({Read}; echo done >/tmp/done) & sleep 0.5");
            Diagnosis diagnosis = guest.Diagnose("disk0");

            Verdict device = Assert.Single(diagnosis.Verdicts, v => v.Queue is null),
            queue = Assert.Single(diagnosis.Verdicts, v => v.Queue is not null && v.IsFault);
            Assert.Equal((VerdictKind.Stopped, Certainty.Certain), (device.Kind, device.Certainty));
            ThreadSeen seen = Assert.IsType<ThreadSeen>(Assert.Single(device.Evidence));
            Assert.Equal(("iothread0", thread, $"{LiveProcess.Find(Environment.ProcessId)}"), (seen.IoThread, seen.Id, seen.Tracer));
            Assert.Equal((diagnosis.Samples, TimeSpan.Zero), (seen.Looks, seen.CpuTime));
            ThreadDoing doing = Assert.Single(seen.Doing);
            Assert.Equal((ThreadActivity.Traced, diagnosis.Samples, 0), (doing.Activity, doing.Looks, doing.WaitsIn.Count));
            Assert.Equal((VerdictKind.NotServed, Certainty.Certain), (queue.Kind, queue.Certainty));
            Assert.Equal(new Backlog(1, 0, IsPacked: false, IsThreadStopped: true), queue.Reason);
            Assert.Contains(queue.Evidence, e => e is UnreadKicks { Count: 1 });
            // Its neighbours are served by others.
            Assert.True(guest.Diagnose("packed1").IsHealthy);
            Assert.True(guest.Diagnose("packed0").IsHealthy);
        }

        guest.Qemu.Run("wait; while [ ! -e /tmp/done ]; do sleep 0.1; done; rm /tmp/done");
        Assert.True(guest.Diagnose("disk0").IsHealthy);
    }

    [Fact]
    public void A_stopped_iothread_with_nothing_to_do_is_seen_too()
    {
        var (qemu, disk) = guest.Find("packed1");
        using (StoppedThread.Stop(new ServingThreads(qemu.Process, qemu.ReadObjects()).Of(disk, 0)!.Thread.Id))
        {
            Diagnosis diagnosis = guest.Diagnose("packed1");

            Assert.Equal(VerdictKind.Stopped, Assert.Single(diagnosis.Verdicts, v => v.IsFault).Kind);
            Assert.All(diagnosis.Verdicts.Where(v => v.Queue is not null), v => Assert.Equal(VerdictKind.Idle, v.Kind));
        }

        Assert.True(guest.Diagnose("packed1").IsHealthy);
    }

    [Fact]
    public void A_QEMU_that_a_signal_stopped_is_not_taken_for_an_idle_one()
    {
        Signal("STOP");
        Diagnosis disk, network;
        try
        {
            disk = guest.Diagnose("disk0");
            network = guest.Diagnose("nic0");
        }
        finally
        {
            Signal("CONT");
        }

        Verdict verdict = Assert.Single(network.Verdicts, v => v.IsFault);
        Assert.Equal((VerdictKind.Stopped, Certainty.Certain), (verdict.Kind, verdict.Certainty));
        Assert.True(
            verdict.Evidence[0] is ThreadSeen { IoThread: null, Doing: [{ Activity: ThreadActivity.Stopped }] } seen
            && seen.Id == guest.Qemu.Id);
        Assert.Equal(VerdictKind.Stopped, Assert.Single(disk.Verdicts, v => v.IsFault).Kind);
        Assert.True(guest.Diagnose("nic0").IsHealthy);
    }

    private void Signal(string name)
    {
        using var kill = System.Diagnostics.Process.Start("/bin/kill", [$"-{name}", $"{guest.Qemu.Id}"]);
        kill.WaitForExit();
    }
}
