using System.Diagnostics;
using Virtap.Virtio.Devices;
using Virtap.Virtio.Queues;
using Virtap.Virtio.Rings;

namespace Virtap.Virtio.Tests.Rings;

public class IndexWatchTests
{
    private static readonly VirtioDevice s_device =
        new() { ProcessId = 1, Address = 1, Kind = "virtio-blk", Type = "virtio-blk-device", QueueArray = 1, QueueCount = 1 };

    private readonly IndexWatch _watch = new();

    [Fact]
    public void A_request_is_as_old_as_the_first_look_that_found_it_and_younger_than_the_look_before()
    {
        // Through the end of the index's 16 bits.
        Look(seconds: 0, taken: 65534);
        Look(seconds: 1, taken: 65535);
        Look(seconds: 3, taken: 2);
        Look(seconds: 7, taken: 3);

        // Offers 65533, 65534, 65535, and 2, by how long ago they were.
        Assert.Equal((7, null), Age(6));
        Assert.Equal((6, 7), Age(5));
        Assert.Equal((4, 6), Age(4));
        Assert.Equal((0, 4), Age(1));
        Assert.Equal((4, 7.0), (_watch.Count, _watch.Duration.TotalSeconds));

        (double, double?) Age(int ago) =>
            _watch.AgeOfTaken(_watch.Taken - ago) is var age ? (age.AtLeast.TotalSeconds, age.AtMost?.TotalSeconds) : default;
    }

    [Fact]
    public void One_that_waits_is_as_old_as_the_first_look_that_saw_it_offered()
    {
        Look(seconds: 0, taken: 10, avail: 10);
        Look(seconds: 2, taken: 10, avail: 11);
        Look(seconds: 5, taken: 10, avail: 11);

        Assert.Equal(new RequestAge(TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(5)), _watch.AgeOfOffered(_watch.Taken));
    }

    [Fact]
    public void After_a_step_that_may_have_been_a_whole_round_nothing_is_said_of_what_was_before()
    {
        Look(seconds: 0, taken: 0);
        Look(seconds: 1, taken: 40_000);
        Look(seconds: 3, taken: 40_000);

        Assert.Equal(new RequestAge(TimeSpan.FromSeconds(2), null), _watch.AgeOfTaken(_watch.Taken - 39_999));
    }

    private void Look(double seconds, int taken, int? avail = null) => _watch.Add(new DeviceState
    {
        Device = s_device,
        Timestamp = (long)(seconds * Stopwatch.Frequency),
        GuestFeatures = 0,
        HostFeatures = 0,
        Queues =
        [
            new QueueState
            {
                Index = 0, Number = 128, Descriptors = 0x1000, LastAvailIndex = (ushort)taken, UsedIndex = (ushort)(taken - 1),
                Guest =
                    new GuestRing { AvailIndex = (ushort)(avail ?? taken), UsedIndex = (ushort)(taken - 1), Driver = default,
                        Device = default },
            },
        ],
    }, 0);
}
