using Virtap.Cli.Words;
using Virtap.Virtio.Explanations;
using Virtap.Virtio.Findings;

namespace Virtap.Cli.Tests.Words;

/// <summary>What is explained of a queue, as people read it.</summary>
public class ExplanationWordsTests
{
    public static TheoryData<string, Observation> Stops => new()
    {
        { "inuse is 129, more than the 128 entries of the ring.", new MoreInUseThanEntries(129, 128) },
        { "The device does not have this queue (num = 0).", new NoSuchQueue() },
        {
            "vhost serves this queue: the backend has taken requests up to 700 (last_avail_idx, which QEMU asks it for).",
            new ServedByVhost(700)
        },
        {
            "Nothing is in flight: what QEMU has taken (last_avail_idx 5) it has given back (used_idx 5).",
            new InFlight(0, false, 5, 5, 0)
        },
        {
            "127 requests in flight: taken up to 32021 (last_avail_idx), given back up to 31894 (used_idx); inuse = 127 agrees.",
            new InFlight(127, false, 32021, 31894, 127)
        },
        { "1 descriptor in flight: taken up to 3 (last_avail_idx), given back up to 2 (used_idx).", new InFlight(1, true, 3, 2, null) },
        { "9 descriptors in flight: taken up to 3 (last_avail_idx), given back up to 250 (used_idx).", new InFlight(9, true, 3, 250, 8) },
        { "QEMU has taken every request it has seen (shadow_avail_idx = last_avail_idx).", new SeenNotTaken(0, 5, 5) },
        { "QEMU has seen 1 more request than it has taken (shadow_avail_idx 6, last_avail_idx 5).", new SeenNotTaken(1, 6, 5) },
        { "QEMU has seen 2 more requests than it has taken (shadow_avail_idx 7, last_avail_idx 5).", new SeenNotTaken(2, 7, 5) },
        { "A notification has been considered for every completion (signalled_used = used_idx).", new AllConsidered(5) },
        {
            "1 completion not yet considered for a notification (signalled_used 31893, used_idx 31894): normal at the entry of "
                + "virtio_notify or "
                + "virtio_notify_irqfd and within a batch; a fault only if it stays so while QEMU's thread has nothing to do.",
            new NotYetConsidered(1, 31893, 31894)
        },
        {
            "With EVENT_IDX the guest is notified of it exactly if the driver's used_event is 31893, that is, if it has consumed all "
                + "before it and asked "
                + "to hear of the next. (used_event lies in guest memory, not in this text.)",
            new NotifiedAt(31893, 31893)
        },
        {
            "With EVENT_IDX the guest is notified of them exactly if the driver's used_event is one of 3 to 5. "
                + "(used_event lies in guest memory, not in this text.)",
            new NotifiedAt(3, 5)
        },
        {
            "signalled_used 5 is 700 behind used_idx 705, more than the ring holds: it is stale and says nothing.",
            new SignalledUsedStale(700, 5, 705)
        },
        {
            "The ring of 128 is full: 127 in flight and 1 completed but not announced occupy all its entries; "
                + "the driver can queue nothing more before it hears of a completion.",
            new RingFull(128, 127, 1)
        },
        {
            "The ring addresses are consistent with num = 128: 2048 bytes of descriptors end where the avail ring begins, "
                + "whose 262 bytes end before the used ring, 320 bytes on.",
            new PartsFit(128, false, 0x1000, 2048, 0x1800, 262, 0x1940)
        },
        {
            "The ring addresses are consistent with num = 128: 2048 bytes of descriptors do not reach the avail ring, nothing overlaps.",
            new PartsFit(128, false, 0x1000, 2048, 0x3000, 262, 0x2000)
        },
        {
            "The ring addresses are consistent with num = 256: 4096 bytes of descriptors at 0x10000, event structures at 0x11000 and "
                + "0x11004, nothing overlaps.",
            new PartsFit(256, true, 0x10000, 4096, 0x11000, 4, 0x11004)
        },
        {
            "used_idx, inuse and signalled_used are QEMU's own copies, which nobody keeps up while vhost serves the queue: what is in "
                + "flight cannot be told "
                + "from this text. The rings in guest memory have it (virtap vq, virtap ring).",
            new Reservation(ReservationKind.VhostCopiesAreOld)
        },
        {
            "Whether the driver has made more available is not in this text: shadow_avail_idx is its avail.idx only as QEMU last looked.",
            new Reservation(ReservationKind.OffersAreNotInText)
        },
        {
            "signalled_used is not valid: no notification was considered since the queue was set up, or EVENT_IDX is not negotiated and "
                + "QEMU does not keep it. "
                + "It says nothing here.",
            new Reservation(ReservationKind.SignalledUsedIsInvalid)
        },
        {
            "That does not prove that one was sent: signalled_used advances too when the driver asked not to be disturbed.",
            new Reservation(ReservationKind.ConsideredIsNotSent)
        },
    };

    public static TheoryData<string, Observation> Steps => new()
    {
        {
            "At least 1 descriptor taken, 2 given back (whole rounds of the ring of 256 cannot be seen).",
            new PackedProgress(1, 2, 256)
        },
        { "Nothing was taken and nothing completed.", new Progress((5, 5), (4, 4), 0, 0) },
        {
            "128 requests taken from the avail ring (31893 -> 32021), 1 completed (31893 -> 31894).",
            new Progress((31893, 32021), (31893, 31894), 128, 1)
        },
        { "In flight: 0 -> 127.", new InUseChange(0, 127) },
        {
            "That does not add up: 1 in flight + 2 taken - 5 completed = -2, not 4. Are these two queues, or is one index corrupt?",
            new DoesNotAddUp(1, 2, 5, 4)
        },
        { "No notification was considered in between (signalled_used stays 7).", new Considered(0, 7, 7) },
        {
            "One notification was decided on in between, for one completion (signalled_used 31892 -> 31893).",
            new Considered(1, 31892, 31893)
        },
        {
            "Notifications were decided on for 3 completions in between (signalled_used 4 -> 7): one at least, 3 at most.",
            new Considered(3, 4, 7)
        },
        {
            "The notification that is due now is for 1 completion only, although 127 more are in flight: QEMU considers a notification "
                + "when its completion "
                + "handler has run, and by then 1 had come back. The others will be announced with later ones, together if they complete "
                + "together.",
            new NotificationDue(1, 127)
        },
        {
            "Indices count modulo 65536: a difference of n could also be n + 65536, had that many requests passed between the two stops.",
            new Reservation(ReservationKind.IndicesGoRound)
        },
    };

    [Theory]
    [MemberData(nameof(Stops))]
    [MemberData(nameof(Steps))]
    public void Each_explanation_has_its_words(string words, Observation what) => Assert.Equal(words, ExplanationWords.Of(what));
}
