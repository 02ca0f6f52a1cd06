using CsCheck;
using Virtap.Virtio.Explanations;
using Virtap.Virtio.Findings;
using Virtap.Virtio.Queues;

namespace Virtap.Virtio.Tests.Explanations;

public class QueueExplainerTests
{
    // Two stops of gdb at virtio_notify_irqfd on a QEMU 4.2 of aarch64, wrapped as a terminal does.
    private const string TwoStops = """
        2444    in /usr/src/debug/qemu-kvm-4.2.0/hw/virtio/virtio.c
        1: *vq = {vring = {num = 128, num_default = 128, align = 4096, desc = 4641325056, avail = 4641327104, used = 4641327424, caches = 0xffff5c32faa0}, used_elems = 0xaaaaf42ff760, last_avail_idx = 31893, last_avail_wrap_counter = true, shadow_avail_idx = 31893,
          shadow_avail_wrap_counter = true, used_idx = 31893, used_wrap_counter = true, signalled_used = 31892, signalled_used_valid = true, notification = true, queue_index = 0, inuse = 0, vector = 1, handle_output = 0xaaaab8eea4c8 <virtio_blk_handle_output>,
          handle_aio_output = 0xaaaab8eea7f0 <virtio_blk_data_plane_handle_output>, vdev = 0xaaaaf42cd5f0, guest_notifier = {rfd = 109, wfd = 109}, host_notifier = {rfd = 110, wfd = 110}, host_notifier_enabled = true, node = {le_next = 0x0, le_prev = 0xaaaaf42d96b8}}
        (gdb) c
        Continuing.

        Thread 1 "qemu-kvm" hit Breakpoint 1, virtio_notify_irqfd (vdev=0xaaaaf42cd5f0, vq=0xaaaaf42d96d0) at /usr/src/debug/qemu-kvm-4.2.0/hw/virtio/virtio.c:2444
        2444    in /usr/src/debug/qemu-kvm-4.2.0/hw/virtio/virtio.c
        1: *vq = {vring = {num = 128, num_default = 128, align = 4096, desc = 4641325056, avail = 4641327104, used = 4641327424, caches = 0xffff5c32faa0}, used_elems = 0xaaaaf42ff760, last_avail_idx = 32021, last_avail_wrap_counter = true, shadow_avail_idx = 32021,
          shadow_avail_wrap_counter = true, used_idx = 31894, used_wrap_counter = true, signalled_used = 31893, signalled_used_valid = true, notification = true, queue_index = 0, inuse = 127, vector = 1, handle_output = 0xaaaab8eea4c8 <virtio_blk_handle_output>,
          handle_aio_output = 0xaaaab8eea7f0 <virtio_blk_data_plane_handle_output>, vdev = 0xaaaaf42cd5f0, guest_notifier = {rfd = 109, wfd = 109}, host_notifier = {rfd = 110, wfd = 110}, host_notifier_enabled = true, node = {le_next = 0x0, le_prev = 0xaaaaf42d96b8}}
        """;

    [Fact]
    public void The_fields_of_a_stop_are_read()
    {
        QueueTextEntry stop = QueueText.Parse(TwoStops).Entries[1];

        Assert.Equal(0xaaaaf42cd5f0ul, stop.Device);
        Assert.Equal(new QueueState
        {
            Index = 0,
            Number = 128,
            DefaultNumber = 128,
            Descriptors = 4641325056,
            Avail = 4641327104,
            Used = 4641327424,
            LastAvailIndex = 32021,
            LastAvailWrap = true,
            ShadowAvailIndex = 32021,
            UsedIndex = 31894,
            UsedWrap = true,
            SignalledUsed = 31893,
            SignalledUsedValid = true,
            Notification = true,
            InUse = 127,
            Vector = 1,
        }, stop.Queue);
    }

    [Fact]
    public void A_text_that_is_cut_off_anywhere_says_so_and_no_number_is_half_of_one()
    {
        QueueState whole = QueueText.Parse(TwoStops).Entries[1].Queue;
        int begins = TwoStops.IndexOf("num_default", TwoStops.LastIndexOf("vring", StringComparison.Ordinal), StringComparison.Ordinal);
        for (int length = begins; length < TwoStops.Length; length++)
        {
            QueueTexts cut = QueueText.Parse(TwoStops[..length]);
            if (cut.Entries.Count == 1)
                Assert.Equal(10, Assert.Single(cut.Unread).Line);
            else
                Assert.Equal(
                    (whole.LastAvailIndex, whole.UsedIndex, whole.InUse, whole.SignalledUsed),
                    (cut.Entries[1].Queue.LastAvailIndex, cut.Entries[1].Queue.UsedIndex, cut.Entries[1].Queue.InUse ?? whole.InUse,
                        cut.Entries[1].Queue.SignalledUsed ?? whole.SignalledUsed));
        }
    }

    [Fact]
    public void What_happened_between_two_stops_is_told()
    {
        QueueExplanation explanation = QueueExplainer.Explain(TwoStops);
        ExplainedStep step = Assert.Single(explanation.Steps);

        Assert.Equal(
            [
                new Progress((31893, 32021), (31893, 31894), 128, 1), new InUseChange(0, 127), new Considered(1, 31892, 31893),
                new NotificationDue(1, 127),
                new Reservation(ReservationKind.IndicesGoRound),
            ], step.Findings.Select(f => f.What));
        Assert.All(explanation.Stops, s => Assert.DoesNotContain(s.Findings, f => f.Kind == FindingKind.Broken));
    }

    [Fact]
    public void A_stop_is_told_by_itself()
    {
        ExplainedStop stop = QueueExplainer.Explain(TwoStops).Stops[1];

        Assert.False(stop.IsPacked);
        Assert.Equal(
            [
                new InFlight(127, false, 32021, 31894, 127), new SeenNotTaken(0, 32021, 32021),
                new Reservation(ReservationKind.OffersAreNotInText),
                new NotYetConsidered(1, 31893, 31894), new NotifiedAt(31893, 31893), new RingFull(128, 127, 1),
                new PartsFit(128, false, 4641325056, 2048, 4641327104, 262, 4641327424),
            ], stop.Findings.Select(f => f.What));
    }

    [Fact]
    public void Lines_may_be_broken_anywhere_between_words()
    {
        string expected = string.Join('\n', QueueText.Parse(TwoStops).Entries.Select(e => e.Queue));

        Assert.Equal(
            expected,
            string.Join('\n', QueueText.Parse(TwoStops.Replace(" ", "\n   ", StringComparison.Ordinal)).Entries.Select(e => e.Queue)));
    }

    [Fact]
    public void Fields_may_come_in_any_order()
    {
        QueueState queue =
            QueueText.Parse(
                "$3 = {inuse = 2, used_idx = 0x10, last_avail_idx = 18, vring = {used = 0x3000, num = 256, avail = 0x2000, desc = "
                    + "0x1000}}").Entries.Single().Queue;

        Assert.Equal(
            (2u, (ushort)16, (ushort)18, 256u, 0x1000ul),
            (queue.InUse, queue.UsedIndex, queue.LastAvailIndex, queue.Number, queue.Descriptors));
    }

    [Fact]
    public void The_answer_of_QMP_is_read()
    {
        QueueTextEntry entry = QueueText.Parse("""
            {"return": {"signalled-used": 0, "inuse": 1, "name": "virtio-blk", "vring-align": 4096, "vring-desc": 5217136640, "signalled-used-valid": false, "vring-num-default": 256,
             "vring-avail": 5217140736, "queue-index": 3, "last-avail-idx": 105, "vring-used": 5217141312, "used-idx": 104, "shadow-avail-idx": 105, "vring-num": 256}}
            """).Entries.Single();

        Assert.Equal(
            (3, 256u, (ushort)105, (ushort)104, 1u, false),
            (entry.Queue.Index, entry.Queue.Number, entry.Queue.LastAvailIndex, entry.Queue.UsedIndex, entry.Queue.InUse,
                entry.Queue.SignalledUsedValid));
    }

    [Fact]
    public void The_answers_of_HMP_are_read()
    {
        const string One = """
            /machine/peripheral/disk0/virtio-backend:
              device_name:          virtio-blk
              queue_index:          1
              inuse:                0
              used_idx:             201
              signalled_used:       0
              signalled_used_valid: false
              last_avail_idx:       201
              shadow_avail_idx:     201
              VRing:
                num:          256
                num_default:  256
                align:        4096
                desc:         0x0000000001000000
                avail:        0x0000000001001000
                used:         0x0000000001001240

            """;
        Assert.Equal(
            [(1, 0x1001240ul), (2, 0x1001240ul)],
            QueueText.Parse(One + One.Replace("queue_index:          1", "queue_index: 2", StringComparison.Ordinal)).Entries.Select(
                e => (e.Queue.Index!.Value, e.Queue.Used!.Value)));
    }

    [Theory]
    [InlineData("inuse = 127", "inuse = 126", 0)]
    [InlineData("shadow_avail_idx = 32021", "shadow_avail_idx = 40000", 1)]
    [InlineData("used = 4641327424", "used = 4641327108", 2)]
    [InlineData("vring = {num = 128", "vring = {num = 127", 3)]
    public void A_contradiction_is_named(string right, string wrong, int which)
    {
        Contradiction[] contradictions =
        [
            new InUseDisagrees(126, 127, 32021, 31894), new AvailTooFarAhead(IsDrivers: false, 40000, 7979, 32021, 128),
            new PartsOverlap(new PartExtent(RingPart.Avail, 4641327104, 260), new PartExtent(RingPart.Used, 4641327108, 1028), 128),
            new ImpossibleSize(127, IsPacked: false),
        ];
        IEnumerable<Finding> findings = QueueExplainer.Explain(TwoStops.Replace(right, wrong, StringComparison.Ordinal)).Stops[^1].Findings;

        Assert.Contains(new Finding(FindingKind.Broken, contradictions[which]), findings);
    }

    [Fact]
    public void A_packed_ring_is_known_by_its_event_structures()
    {
        ExplainedStop stop = QueueExplainer.Explain(
            "{vring = {num = 256, desc = 0x10000, avail = 0x11000, used = 0x11004}, last_avail_idx = 3, last_avail_wrap_counter = false, "
                + "used_idx = 250, used_wrap_counter = true, inuse = 9}").Stops.Single();

        Assert.True(stop.IsPacked);
        Assert.DoesNotContain(stop.Findings, f => f.Kind == FindingKind.Broken);
        Assert.Contains(stop.Findings, f => f.What is InFlight { Count: 9, IsPacked: true });
    }

    [Theory]
    [InlineData(5, 221, 40)]
    [InlineData(221, 5, 216)]
    public void A_packed_ring_without_wrap_counters_is_known_by_what_is_in_flight(int lastAvail, int used, int inUse)
    {
        ExplainedStop stop = Assert.Single(QueueExplainer.Explain($"""
            (qemu) info virtio-queue-status /machine/peripheral/disk0/virtio-backend 0
            /machine/peripheral/disk0/virtio-backend:
              device_name:          virtio-blk
              queue_index:          0
              inuse:                {inUse}
              used_idx:             {used}
              signalled_used:       {used}
              signalled_used_valid: true
              last_avail_idx:       {lastAvail}
              shadow_avail_idx:     {lastAvail}
              VRing:
                num:          256
                num_default:  256
                align:        4096
                desc:         0x0000000005b5c000
                avail:        0x0000000006b5d000
                used:         0x0000000007b5e000
            """).Stops);

        // Where both ways to count give the same, nothing hangs on it.
        Assert.True(stop.IsPacked || lastAvail > used);
        Assert.DoesNotContain(stop.Findings, f => f.Kind == FindingKind.Broken);
        Assert.Contains(stop.Findings, f => f.What is InFlight inFlight && (inFlight.Count, inFlight.IsPacked) == (inUse, stop.IsPacked));
    }

    [Fact]
    public void Of_a_queue_that_vhost_serves_QEMUs_copies_are_not_judged()
    {
        ExplainedStop stop = Assert.Single(QueueExplainer.Explain("""
            {"return": {"signalled-used": 0, "inuse": 0, "name": "virtio-net", "vring-align": 4096, "vring-desc": 5216370688,
             "signalled-used-valid": false, "vring-num-default": 256, "vring-avail": 5216374784, "queue-index": 1,
             "last-avail-idx": 700, "vring-used": 5216375360, "used-idx": 0, "vring-num": 256}}
            """).Stops);

        Assert.True(stop.Entry.IsVhost);
        Assert.DoesNotContain(stop.Findings, f => f.Kind == FindingKind.Broken);
        Assert.Contains(new Finding(FindingKind.Fact, new ServedByVhost(700)), stop.Findings);
        Assert.Contains(new Finding(FindingKind.Caution, new Reservation(ReservationKind.VhostCopiesAreOld)), stop.Findings);
    }

    [Theory]
    [InlineData("The disk hung with used_idx = 700 at ten. Then I saw\n", "", 1)]
    [InlineData("it was used_idx: 700 before,\n", "", 1)]
    [InlineData("", "\nlater used_idx = 701 and last_avail_idx = 800.\n", 0)]
    [InlineData("{vring = {num = 128}, last_avail_idx = 5, inuse = 3}\n", "", 1)]
    [InlineData("{vring = {num = 12x}, last_avail_idx = 5, used_idx = 5}\n", "", 1)]
    public void What_is_whole_is_judged_whatever_stands_around_it(string before, string after, int line)
    {
        QueueExplanation alone = QueueExplainer.Explain(TwoStops), mixed = QueueExplainer.Explain(before + TwoStops + after);

        Assert.Equal(alone.Stops.Select(s => s.Entry.Queue), mixed.Stops.Select(s => s.Entry.Queue));
        Assert.Equal(alone.Steps.SelectMany(s => s.Findings), mixed.Steps.SelectMany(s => s.Findings));
        UnreadQueue unread = Assert.Single(mixed.Unread);
        Assert.True(unread.Missing.Count > 0 || unread.NotANumber is not null);
        if (line > 0)
            Assert.Equal(line, unread.Line);
    }

    [Theory]
    [InlineData("hello", "no virtqueue in this text")]
    [InlineData("", "no virtqueue in this text")]
    [InlineData("a\nb\n{vring = {num = 128}, last_avail_idx = 5, ", "line 3: the virtqueue that begins here has no used_idx")]
    [InlineData("{vring = {num = 12x}, last_avail_idx = 5, used_idx = 5}", "num is \"12x\", which is no number")]
    public void A_text_without_a_whole_queue_is_refused_with_the_reason(string text, string reason) =>
        Assert.Contains(reason, Assert.Throws<VirtioException>(() => QueueExplainer.Explain(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Any_text_is_explained_or_refused() =>
        Gen.String[Gen.Char["{}<>():=, \n\"0129axnum_idxlastvailused"], 0, 300].Sample(noise =>
        {
            foreach (string text in new[] { noise, TwoStops.Insert(noise.Length, noise), TwoStops[..(TwoStops.Length - noise.Length)] })
            {
                try
                {
                    QueueExplainer.Explain(text);
                }
                catch (VirtioException)
                {
                    // Refused.
                }
            }
        }, iter: 300);
}
