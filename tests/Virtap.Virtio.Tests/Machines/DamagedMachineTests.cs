using CsCheck;
using Virtap.Virtio.Devices;
using Virtap.Virtio.Machines;
using Virtap.Virtio.Queues;
using Virtap.Virtio.Rings;
using Virtap.Virtio.Tests.Support;
using Virtap.Virtio.Verdicts;
using Virtap.Watch.Diagnoses;

namespace Virtap.Virtio.Tests.Machines;

/// <summary>A QEMU whose memory is damaged, as it may be in a core: all there is of it is looked at.</summary>
[Collection(GuestCollection.Name)]
public class DamagedMachineTests(GuestFixture guest)
{
    [Fact]
    public void However_the_memory_of_a_QEMU_is_damaged_it_is_read_in_bounds()
    {
        int devices = 0;
        Gen.Select(Gen.UInt, Gen.UInt[1, 12]).Sample((seed, bits) =>
        {
            var process = new DamagedProcess(guest.Qemu.Process, seed, 1u << (int)bits);
            QemuMachine machine = QemuMachine.Read(process);
            if (machine.Problem is not null)
                return;
            QemuProcess qemu = QemuProcess.Open(process);
            foreach (MachineDevice device in machine.Devices)
            {
                Interlocked.Increment(ref devices);
                _ = Diagnosis.OfMoment(qemu, device.Device);
                foreach (QueueState queue in device.State.Queues.Where(q => q.IsSetUp).Take(4))
                    _ = new RingReader(qemu, device.Device, queue.Index!.Value).Read(TimeSpan.Zero);
            }
        }, iter: 40, threads: 1);
        Assert.True(devices > 0, "no device was found in spite of the damage");
    }
}
