using CsCheck;
using Virtap.Virtio.Rings;

namespace Virtap.Virtio.Tests.Rings;

public class SplitHistoryTests
{
    [Fact]
    public void What_was_offered_and_not_returned_is_in_flight()
    {
        var inFlight = SplitHistory.Find(8, [0, 1, 2, 3], [1, 0], inFlight: 2);

        Assert.Equal([((ushort)2, 2), ((ushort)3, 3)], inFlight);
    }

    [Fact]
    public void A_head_that_was_offered_again_after_its_return_is_in_flight_again() =>
        Assert.Equal([((ushort)5, 1)], SplitHistory.Find(8, [5, 5], [5], inFlight: 1));

    [Fact]
    public void Heads_that_name_no_descriptor_are_left_out() =>
        Assert.Equal([((ushort)1, 1)], SplitHistory.Find(8, [9, 1, 65535], [8, uint.MaxValue], inFlight: 1));

    [Fact]
    public void Requests_that_complete_in_order_are_told_exactly_however_long_the_ring_has_been_at_work()
    {
        Gen.Select(Gen.Int[3, 8].Select(n => 1 << n), Gen.Bool, Gen.Int[0, 400].Array[1, 60]).Sample((number, isLifo, depths) =>
        {
            // A driver that keeps some in flight, now more and now less.
            var ring = new SimulatedRing(number, isLifo);
            foreach (int depth in depths)
            {
                while (ring.InFlight.Count < Math.Min(depth, number / 2))
                    ring.Offer();
                while (ring.InFlight.Count > depth / 2)
                    ring.Return(0);
            }

            Assert.Equal(
                ring.InFlight, SplitHistory.Find(number, ring.LastOffers(), ring.LastReturns(), ring.InFlight.Count).Select(r => r.Head));
        });
    }

    [Fact]
    public void Of_requests_that_overtake_each_other_a_little_none_is_missed()
    {
        Gen.Select(Gen.Int[4, 8].Select(n => 1 << n), Gen.Bool, Gen.Int[0, 3].Array[1, 1000]).Sample((number, isLifo, overtaking) =>
        {
            // A disk that is kept busy, where one request overtakes up to three, and none is left behind for long.
            var ring = new SimulatedRing(number, isLifo);
            foreach (int place in overtaking)
            {
                while (ring.InFlight.Count < 8)
                    ring.Offer();
                ring.Return(place);
                ring.Return(0);
                ring.Return(0);
            }

            IEnumerable<ushort> found = SplitHistory.Find(number, ring.LastOffers(), ring.LastReturns(), ring.InFlight.Count)
                .Select(r => r.Head);
            Assert.Equal(ring.InFlight.Order(), found.Order());
        });
    }
}
