using System.Diagnostics;
using CsCheck;
using Virtap.Virtio.Devices;
using Virtap.Virtio.Queues;
using Virtap.Virtio.Tests.Support;

namespace Virtap.Virtio.Tests.Queues;

[Collection(GuestCollection.Name)]
public class QueueMeterTests(GuestFixture guest)
{
    private static readonly VirtioDevice s_device =
        new() { ProcessId = 1, Address = 1, Kind = "virtio-blk", Type = "virtio-blk-device", QueueArray = 1, QueueCount = 1 };

    [Fact]
    public void Requests_are_counted_through_any_number_of_wraps() =>
        Gen.Select(Gen.UShort, Gen.Int[0, 30000].Array[1, 200]).Sample((first, steps) =>
        {
            var meter = new QueueMeter(null!);
            long total = first;
            meter.Add(State(total, packed: false, 256));
            foreach (int step in steps)
                meter.Add(State(total += step, packed: false, 256));

            QueueRates rates = meter.Take().Single();
            Assert.Equal((steps.Sum(), steps.Sum(), false), (rates.Completed, rates.Taken, rates.IsAtLeast));
        });

    [Fact]
    public void Descriptors_of_a_packed_ring_of_any_size_are_counted() =>
        Gen.Select(Gen.Int[1, 1000], Gen.Double[0, 1].Array[1, 100]).Sample((number, parts) =>
        {
            var meter = new QueueMeter(null!);
            long total = 0, sum = 0;
            meter.Add(State(total, packed: true, number));
            foreach (double part in parts)
            {
                int step = (int)(part * number);
                sum += step;
                meter.Add(State(total += step, packed: true, number));
            }

            Assert.Equal(sum, meter.Take().Single().Completed);
        });

    [Fact]
    public void A_queue_that_may_have_gone_round_is_told()
    {
        var meter = new QueueMeter(null!);
        TimeSpan interval = meter.Interval;
        meter.Add(State(0, packed: false, 256));
        meter.Add(State(40_000, packed: false, 256));

        Assert.True(meter.Interval < interval);
        Assert.True(meter.Take().Single().IsAtLeast);
        meter.Add(State(40_001, packed: false, 256));
        Assert.Equal((1, false), (meter.Take().Single().Completed, meter.Take().Single().IsAtLeast));
    }

    [Fact]
    public async Task The_requests_of_a_real_guest_are_all_counted()
    {
        QemuProcess qemu = QemuProcess.Open(guest.Qemu.Process);
        var meter = new QueueMeter(new QueueReader(qemu, qemu.FindDevices().Single(d => d.Id == "disk0")));
        meter.Look();
        guest.Qemu.Begin(
            "dd if=/dev/vda of=/dev/null bs=4k count=3000 iflag=direct 2>/dev/null; dd if=/dev/vda of=/dev/null bs=4k count=3000 "
                + "iflag=direct 2>/dev/null");
        Task finished = Task.Run(guest.Qemu.Finish, TestContext.Current.CancellationToken);
        while (!finished.IsCompleted)
        {
            await Task.WhenAny(finished, Task.Delay(meter.Interval, TestContext.Current.CancellationToken));
            Assert.True(meter.Look());
        }

        await finished;
        meter.Look();

        // By whichever of its queues: Linux takes that of the CPU it is on.
        IReadOnlyList<QueueRates> rates = meter.Take();
        Assert.Equal((6000, 6000), (rates.Sum(r => r.Completed), rates.Sum(r => r.Taken)));
        Assert.DoesNotContain(rates, r => r.IsAtLeast);
        Assert.True(rates.Sum(r => r.CompletedPerSecond) > 0);
    }

    private static DeviceState State(long total, bool packed, int number) => new()
    {
        Device = s_device,
        Timestamp = Stopwatch.GetTimestamp(),
        GuestFeatures = packed ? 1ul << 34 : 0,
        HostFeatures = 0,
        Queues =
        [
            new QueueState
            {
                Index = 0,
                Number = (uint)number,
                Descriptors = 0x1000,
                LastAvailIndex = (ushort)(packed ? total % number : total),
                LastAvailWrap = packed ? total / number % 2 == 0 : null,
                UsedIndex = (ushort)(packed ? total % number : total),
                UsedWrap = packed ? total / number % 2 == 0 : null,
                InUse = 0,
            },
        ],
    };
}
