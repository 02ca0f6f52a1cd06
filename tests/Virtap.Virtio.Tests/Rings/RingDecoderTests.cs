using Virtap.Virtio.Findings;
using Virtap.Virtio.Rings;

namespace Virtap.Virtio.Tests.Rings;

/// <summary>Rings that were made, sound ones and broken ones.</summary>
public class RingDecoderTests
{
    private const DescriptorFlags Offered = DescriptorFlags.Avail;
    private const DescriptorFlags OfferedInNextRound = DescriptorFlags.Used;

    [Fact]
    public void Requests_in_flight_and_waiting_are_told_apart_with_what_they_ask_for()
    {
        MadeRing ring = Split();

        RingContents contents = ring.Decode();

        Assert.True(contents is { IsStill: true, IsBroken: false, InFlightCount: 2, NotShown: 0 });
        Assert.Equal([(0, 0, 0ul), (2, 2, 2ul)], contents.InFlight.Select(r => (r.Head, r.OfferedAt!.Value, r.Block!.Sector)));
        Assert.Equal([(3, 3, 3ul)], contents.Waiting.Select(r => (r.Head, r.OfferedAt!.Value, r.Block!.Sector)));
        Assert.Equal([false, false, true], contents.InFlight.Concat(contents.Waiting).Select(r => r.IsCertain));
    }

    [Fact]
    public void QEMUs_own_copies_make_it_certain()
    {
        RingContents contents = Split().Decode([MadeRing.Element(2, 2), MadeRing.Element(0, 0, namesQueue: false)]);

        Assert.Equal([(0, true), (2, true)], contents.InFlight.Select(r => (r.Head, r.IsCertain)));
    }

    [Fact]
    public void Copies_that_are_fewer_than_what_is_in_flight_settle_nothing() =>
        Assert.Equal([(0, false), (2, false)], Split().Decode([MadeRing.Element(2, 2)]).InFlight.Select(r => (r.Head, r.IsCertain)));

    [Fact]
    public void An_old_copy_of_what_is_not_in_flight_is_left_out()
    {
        // Of head 1, whose descriptor says something else by now.
        RingContents contents = Split().Decode([MadeRing.Element(2, 2), MadeRing.Element(1, 7), MadeRing.Element(0, 0)]);

        Assert.Equal([(0, true), (2, true)], contents.InFlight.Select(r => (r.Head, r.IsCertain)));
        Assert.False(contents.IsBroken);
    }

    [Fact]
    public void A_request_that_stays_while_others_go_round_is_found_by_QEMUs_copy()
    {
        // Head 0 is the first of all; head 1 goes round until nothing in the ring tells of head 0.
        var ring = new MadeRing();
        ring.Request(0, 40);
        ring.Request(1, 41);
        ring.Offer(0);
        for (int n = 0; n < 20; n++)
        {
            ring.Offer(1);
            ring.Return(1);
        }

        ring.Taken = ring.Offered;

        RingContents contents = ring.Decode([MadeRing.Element(0, 40)]);

        RingRequest request = Assert.Single(contents.InFlight);
        Assert.True(request is { Head: 0, OfferedAt: null, IsCertain: true, Block.Sector: 40 });
    }

    [Fact]
    public void A_descriptor_that_was_changed_after_QEMU_took_it_is_told()
    {
        MadeRing ring = Split();
        ring.Request(7, 5);

        RingContents contents = ring.Decode([MadeRing.Element(2, 2), MadeRing.Element(0, 5)]);

        Assert.True(contents.IsBroken);
        RingRequest request = contents.InFlight[0];
        Assert.Equal([new Finding(FindingKind.Broken, new OwnCopyShown(OwnCopyReason.Changed, 0))], request.Findings);
        Assert.Equal(0x20000ul + 64 * 5, request.Descriptors[0].Address);
    }

    [Theory]
    [InlineData(9)]
    [InlineData(40_000)]
    public void An_index_that_no_ring_of_this_size_can_have_is_told_and_nothing_is_shown_by_it(ushort ahead)
    {
        MadeRing ring = Split();
        ring.Taken = (ushort)(ring.Returned + ahead);

        RingContents contents = ring.Decode();

        Assert.Null(contents.InFlightCount);
        Assert.Empty(contents.InFlight);
        Assert.True(contents.IsBroken);
    }

    [Fact]
    public void Of_a_ring_that_moves_what_came_back_is_left_out()
    {
        MadeRing ring = Split();

        RingContents contents = ring.Decode(meanwhile: () => ring.Return(0));

        Assert.False(contents.IsStill);
        Assert.Equal([2], contents.InFlight.Select(r => r.Head));
        Assert.Empty(contents.Waiting);
    }

    [Fact]
    public void Of_a_ring_that_vhost_serves_all_that_is_not_given_back_is_outstanding()
    {
        MadeRing ring = Split();
        // What QEMU knows of it is old.
        (ring.IsVhost, ring.Taken) = (true, 0);

        RingContents contents = ring.Decode();

        Assert.Equal([0, 2, 3], contents.InFlight.Select(r => r.Head));
        Assert.Empty(contents.Waiting);
        Assert.False(contents.IsBroken);
    }

    [Fact]
    public void Requests_of_a_packed_ring_are_told_by_their_places_through_its_end()
    {
        // At 6 and 7 in this round, at 0 in the next; then one that waits, and one of the round before.
        var ring = new MadeRing(isPacked: true) { Returned = 6, Taken = 1, TakenWrap = false };
        ring.Request(6, 60, Offered, id: 16);
        ring.Request(7, 61, Offered, id: 17);
        ring.Request(0, 62, OfferedInNextRound, id: 10);
        ring.Request(1, 63, OfferedInNextRound, id: 11);
        ring.Request(2, 64, Offered | DescriptorFlags.Used, id: 12);

        RingContents contents = ring.Decode();

        Assert.True(contents is { IsStill: true, IsBroken: false, InFlightCount: 3 });
        Assert.Equal(
            [(16, 6, 60ul), (17, 7, 61ul), (10, 0, 62ul)], contents.InFlight.Select(r => (r.Head, r.OfferedAt!.Value, r.Block!.Sector)));
        Assert.Equal([(11, 1, 63ul)], contents.Waiting.Select(r => (r.Head, r.OfferedAt!.Value, r.Block!.Sector)));
    }

    [Fact]
    public void A_request_of_a_packed_ring_that_was_written_over_is_shown_as_QEMU_has_it()
    {
        // Two were offered, at 0 and 1; the second came back first, and its return was written over the first.
        var ring = new MadeRing(isPacked: true) { Returned = 1, Taken = 2 };
        ring.Request(0, 0, Offered | DescriptorFlags.Used, id: 4);
        ring.Request(1, 61, Offered, id: 4);
        ring.Request(7, 60);

        RingContents contents = ring.Decode([MadeRing.Element(3, 60)]);

        RingRequest request = Assert.Single(contents.InFlight);
        Assert.True(request is { Head: 3, OfferedAt: null, IsCertain: true, Block.Sector: 60 });
        Assert.Equal([new Finding(FindingKind.Fact, new OwnCopyShown(OwnCopyReason.WrittenOver, 3))], request.Findings);
        Assert.False(contents.IsBroken);
    }

    [Fact]
    public void A_descriptor_of_a_packed_ring_that_was_taken_and_is_not_offered_is_told()
    {
        var ring = new MadeRing(isPacked: true) { Taken = 1 };
        ring.Request(0, 0, OfferedInNextRound);

        RingContents contents = ring.Decode();

        Assert.Contains(new Finding(FindingKind.Broken, new TakenNotOffered(0)), contents.Findings);
        Assert.Equal((0, 1L), (contents.InFlight.Count, contents.NotShown));
    }

    // Four were offered; the second came back, and the last has not been taken.
    private static MadeRing Split()
    {
        var ring = new MadeRing();
        for (int n = 0; n < 4; n++)
            ring.Request(n, (ulong)n);
        ring.Offer(0, 1, 2, 3);
        ring.Return(1);
        ring.Taken = 3;
        return ring;
    }
}
