using Virtap.Virtio.Devices;
using Virtap.Virtio.Tests.Support;
using Virtap.Virtio.Verdicts;

namespace Virtap.Virtio.Tests.Verdicts;

/// <summary>
/// Kicks and interrupts that really are lost: somebody else reads the eventfd while the thread that waits for it is held.
/// </summary>
[Collection(GuestCollection.Name)]
public class StolenEventTests(GuestFixture guest)
{
    // On one CPU of the guest, so that a second request goes to the same queue.
    private const string Read = "taskset 1 dd if=/dev/vda of=/dev/null bs=4k count=1 iflag=direct 2>/dev/null";
    private const string Wait = "while [ ! -e /tmp/done ]; do sleep 0.1; done; rm /tmp/done";

    // With event_idx the driver kicks for the request that avail_event names, and for none behind it.
    [Fact]
    public void A_lost_kick_is_recognised_and_as_advised_pausing_mends_it_where_another_request_does_not()
    {
        var (qemu, disk) = guest.Find("disk0");
        using (StoppedThread.Stop(new ServingThreads(qemu.Process, qemu.ReadObjects()).Of(disk, 0)!.Thread.Id))
        {
            guest.Qemu.Run($"({Read}; echo done >/tmp/done) & sleep 0.5");
            Assert.True(ForeignEvent.Steal(guest.Qemu.Id, guest.Read("disk0").Queues[0].KickDescriptor!.Value) > 0);
        }

        Verdict verdict = Assert.Single(guest.Diagnose("disk0").Verdicts, v => v.IsFault);

        Assert.Equal((VerdictKind.LostKick, Certainty.Likely, 0), (verdict.Kind, verdict.Certainty, verdict.Queue));
        Assert.Equal(new Backlog(1, 0, IsPacked: false), verdict.Reason);
        Assert.Contains(verdict.Evidence, e => e is UnreadKicks { Count: 0 });
        Assert.Contains(
            verdict.Evidence, e => e is ThreadSeen { IoThread: "iothread0" } seen
            && seen.Doing[0] is { Activity: ThreadActivity.EventLoop, WaitsIn.Count: > 0 });
        Assert.Contains(verdict.Advice, a => a.Kind == AdviceKind.PauseAndContinue);
        guest.Qemu.Run($"{Read} & sleep 0.5");
        Assert.True(Assert.Single(guest.Diagnose("disk0").Verdicts, v => v.IsFault).Reason is Backlog { Waiting: 2 });
        guest.Qemu.Ask("stop");
        guest.Qemu.Ask("cont");
        Assert.True(SpinWait.SpinUntil(() => guest.Diagnose("disk0").IsHealthy, TimeSpan.FromSeconds(20)));
        guest.Qemu.Run(Wait);
        Assert.True(guest.Diagnose("disk0").IsHealthy);
    }

    // Without KVM it is QEMU's main loop that delivers the interrupts of a device with an iothread.
    [Fact]
    public void A_lost_interrupt_is_a_candidate_until_it_is_sent_after_all()
    {
        guest.Qemu.Run("(taskset 1 dd if=/dev/vda of=/dev/null bs=4k iflag=direct 2>/dev/null; echo done >/tmp/done) &");
        int descriptor = guest.Read("disk0").Queues[0].InterruptDescriptor!.Value;
        Assert.True(SpinWait.SpinUntil(() => HoldAndSteal(descriptor), TimeSpan.FromSeconds(20)));

        Verdict verdict = Assert.Single(guest.Diagnose("disk0").Verdicts, v => v.IsFault);

        Assert.Equal((VerdictKind.LostInterrupt, Certainty.Candidate, 0), (verdict.Kind, verdict.Certainty, verdict.Queue));
        Assert.Equal(new Unnoticed(1), verdict.Reason);
        Assert.Contains(new UnreadInterrupts(descriptor, 0), verdict.Evidence);
        ForeignEvent.Signal(guest.Qemu.Id, descriptor);
        guest.Qemu.Run($"killall dd; {Wait}");
        Assert.True(guest.Diagnose("disk0").IsHealthy);
    }

    // It may be held where it has just read the eventfd itself.
    private bool HoldAndSteal(int descriptor)
    {
        using (StoppedThread.Stop(guest.Qemu.Id))
        {
            Thread.Sleep(50);
            return ForeignEvent.Steal(guest.Qemu.Id, descriptor) > 0;
        }
    }
}
