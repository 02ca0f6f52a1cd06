using CsCheck;
using Virtap.Virtio.Explanations;
using Virtap.Virtio.Queues;
using Virtap.Virtio.Verdicts;

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
        QueueTextEntry stop = QueueText.Parse(TwoStops)[1];

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
    public void What_happened_between_two_stops_is_told()
    {
        QueueExplanation explanation = QueueExplainer.Explain(TwoStops);
        ExplainedStep step = Assert.Single(explanation.Steps);
        string text = string.Join('\n', step.Findings.Select(f => f.Text));

        Assert.Contains("128 requests taken from the avail ring (31893 -> 32021), 1 completed (31893 -> 31894)", text, StringComparison.Ordinal);
        Assert.Contains("In flight: 0 -> 127", text, StringComparison.Ordinal);
        Assert.Contains("One notification was decided on in between, for one completion (signalled_used 31892 -> 31893)", text, StringComparison.Ordinal);
        Assert.Contains("for 1 completion only, although 127 more are in flight", text, StringComparison.Ordinal);
        Assert.All(explanation.Stops, s => Assert.DoesNotContain(s.Findings, f => f.Kind == FindingKind.Broken));
    }

    [Fact]
    public void A_stop_is_told_by_itself()
    {
        ExplainedStop stop = QueueExplainer.Explain(TwoStops).Stops[1];
        string text = string.Join('\n', stop.Findings.Select(f => f.Text));

        Assert.False(stop.IsPacked);
        Assert.Contains("127 requests in flight", text, StringComparison.Ordinal);
        Assert.Contains("The ring of 128 is full: 127 in flight and 1 completed but not announced", text, StringComparison.Ordinal);
        Assert.Contains("consistent with num = 128", text, StringComparison.Ordinal);
        Assert.Contains("exactly if the driver's used_event is 31893", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_may_be_broken_anywhere_between_words()
    {
        string expected = string.Join('\n', QueueText.Parse(TwoStops).Select(e => e.Queue));

        Assert.Equal(expected, string.Join('\n', QueueText.Parse(TwoStops.Replace(" ", "\n   ", StringComparison.Ordinal)).Select(e => e.Queue)));
    }

    [Fact]
    public void Fields_may_come_in_any_order()
    {
        QueueState queue = QueueText.Parse("$3 = {inuse = 2, used_idx = 0x10, last_avail_idx = 18, vring = {used = 0x3000, num = 256, avail = 0x2000, desc = 0x1000}}").Single().Queue;

        Assert.Equal((2u, (ushort)16, (ushort)18, 256u, 0x1000ul), (queue.InUse, queue.UsedIndex, queue.LastAvailIndex, queue.Number, queue.Descriptors));
    }

    [Fact]
    public void The_answer_of_QMP_is_read()
    {
        QueueTextEntry entry = QueueText.Parse("""
            {"return": {"signalled-used": 0, "inuse": 1, "name": "virtio-blk", "vring-align": 4096, "vring-desc": 5217136640, "signalled-used-valid": false, "vring-num-default": 256,
             "vring-avail": 5217140736, "queue-index": 3, "last-avail-idx": 105, "vring-used": 5217141312, "used-idx": 104, "shadow-avail-idx": 105, "vring-num": 256}}
            """).Single();

        Assert.Equal((3, 256u, (ushort)105, (ushort)104, 1u, false), (entry.Queue.Index, entry.Queue.Number, entry.Queue.LastAvailIndex, entry.Queue.UsedIndex, entry.Queue.InUse, entry.Queue.SignalledUsedValid));
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
        Assert.Equal([(1, 0x1001240ul), (2, 0x1001240ul)], QueueText.Parse(One + One.Replace("queue_index:          1", "queue_index: 2", StringComparison.Ordinal)).Select(e => (e.Queue.Index!.Value, e.Queue.Used!.Value)));
    }

    [Theory]
    [InlineData("inuse = 127", "inuse = 126", "inuse is 126, but 127 were taken")]
    [InlineData("shadow_avail_idx = 32021", "shadow_avail_idx = 40000", "more than a ring of 128")]
    [InlineData("used = 4641327424", "used = 4641327108", "overlap")]
    [InlineData("vring = {num = 128", "vring = {num = 127", "a power of two")]
    public void A_contradiction_is_named(string right, string wrong, string complaint)
    {
        IEnumerable<Finding> findings = QueueExplainer.Explain(TwoStops.Replace(right, wrong, StringComparison.Ordinal)).Stops[^1].Findings;

        Assert.Contains(findings, f => f.Kind == FindingKind.Broken && f.Text.Contains(complaint, StringComparison.Ordinal));
    }

    [Fact]
    public void A_packed_ring_is_known_by_its_event_structures()
    {
        ExplainedStop stop = QueueExplainer.Explain(
            "{vring = {num = 256, desc = 0x10000, avail = 0x11000, used = 0x11004}, last_avail_idx = 3, last_avail_wrap_counter = false, used_idx = 250, used_wrap_counter = true, inuse = 9}").Stops.Single();

        Assert.True(stop.IsPacked);
        Assert.DoesNotContain(stop.Findings, f => f.Kind == FindingKind.Broken);
        Assert.Contains(stop.Findings, f => f.Text.StartsWith("9 descriptors in flight", StringComparison.Ordinal));
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
