using Virtap.Processes;
using Virtap.Processes.Access;
using Virtap.Virtio.Devices;
using Virtap.Virtio.Machines;
using Virtap.Virtio.Tests.Support;
using Virtap.Virtio.Verdicts;
using Virtap.Watch.Diagnoses;

namespace Virtap.Virtio.Tests.Machines;

/// <summary>QEMUs that are looked at while they come into being or end: what is shown is true, or nothing is.</summary>
public class PassingMomentTests
{
    [Fact]
    public void What_is_shown_of_a_QEMU_from_its_first_moment_on_is_what_is_there_in_the_end()
    {
        int partial = 0;
        for (int round = 0; round < 10; round++)
        {
            using BareQemu qemu = BareQemu.Start(Qemu.Program, BareQemu.Devices);
            var shown = new HashSet<(ulong, string)>();
            var paths = new HashSet<string>();
            IReadOnlyList<VirtioDevice> devices = [];
            Assert.True(SpinWait.SpinUntil(() =>
            {
                devices = Look(qemu.Process);
                shown.UnionWith(devices.Select(Key));
                // Before there is an object tree they have none.
                paths.UnionWith(devices.Select(d => d.QomPath).OfType<string>());
                partial += devices.Count < 4 ? 1 : 0;
                return devices.Count == 4;
            }, TimeSpan.FromSeconds(30)));
            qemu.WaitUntilSettled();

            IReadOnlyList<VirtioDevice> final = QemuProcess.Open(qemu.Process).FindDevices();
            Assert.Equal(["balloon0", "disk0", "nic0", "serial0"], final.Select(d => d.Id).Order());
            Assert.Subset(final.Select(Key).ToHashSet(), shown);
            Assert.Subset(final.Select(d => d.QomPath!).ToHashSet(), paths);
        }

        // It was early enough to see some of them come.
        Assert.True(partial > 0);

        static (ulong, string) Key(VirtioDevice device) => (device.Address, device.Type);

        static IReadOnlyList<VirtioDevice> Look(LiveProcess process)
        {
            try
            {
                return QemuProcess.Open(process).FindDevices();
            }
            catch (Exception e) when (e is VirtioException or ProcessException)
            {
                return [];
            }
        }
    }

    [Fact]
    public void A_QEMU_that_ends_while_it_is_read_is_said_to_have_ended()
    {
        var random = new Random(1);
        for (int round = 0; round < 15; round++)
        {
            using BareQemu qemu = BareQemu.Start(Qemu.Program, BareQemu.Devices);
            LiveProcess process = qemu.Process;
            Task killer = Task.Run(async () =>
            {
                await Task.Delay(random.Next(10, 300));
                qemu.Kill();
            }, TestContext.Current.CancellationToken);
            QemuMachine machine;
            do
            {
                machine = QemuMachine.Read(process);
            }
            while (process.IsAlive);

            // The last was read when it had ended, or as it did.
            Assert.Matches(machine.Devices.Count == 0 ? "ended" : "", QemuMachine.Read(process).Problem);
            Assert.Empty(QemuMachine.Read(process).Devices);
            Assert.True(SpinWait.SpinUntil(() => killer.IsCompleted, TimeSpan.FromSeconds(20)));
        }
    }

    [Fact]
    public void A_device_whose_QEMU_ends_while_it_is_watched_is_gone()
    {
        using Qemu qemu = Qemu.Start(["-S", .. BareQemu.Devices]);
        var (process, disk) = qemu.Find("disk0");
        Task killer = Task.Run(async () =>
        {
            await Task.Delay(100);
            qemu.Kill();
        }, TestContext.Current.CancellationToken);

        Diagnosis diagnosis = Diagnosis.Run(process, disk, TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

        Assert.Null(diagnosis.Last);
        Assert.Empty(diagnosis.Verdicts);
        Assert.True(SpinWait.SpinUntil(() => killer.IsCompleted, TimeSpan.FromSeconds(20)));
    }
}
