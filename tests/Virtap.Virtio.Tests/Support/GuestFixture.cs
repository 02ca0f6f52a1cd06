using Virtap.Virtio.Devices;
using Virtap.Virtio.Queues;
using Virtap.Virtio.Verdicts;
using Virtap.Watch.Diagnoses;

namespace Virtap.Virtio.Tests.Support;

/// <summary>
/// One Linux guest with disks, a network and more, for the tests that need one; they run one after the other and leave it running and
/// idle.
/// </summary>
public sealed class GuestFixture : IDisposable
{
    // Drivers for all of them; a network that is up and quiet: without IPv6 nobody asks for routers, and none announces itself;
    // what a guest's services would do once.
    private const string Setup =
        "for m in virtio_scsi sd_mod virtio_net virtio_console virtio-rng virtio_balloon; do modprobe $m || exit; done; "
        + "for c in all default; do echo 1 >/proc/sys/net/ipv6/conf/$c/disable_ipv6; done; ifconfig eth0 10.0.2.15 up; "
        + "head -c 64 /dev/hwrng >/dev/null; echo hello >/dev/vport*p1";

    private readonly Lazy<Qemu> _qemu = new(() =>
    {
        Qemu qemu = Qemu.Boot(
            "-smp", "2", "-object", "iothread,id=iothread0,poll-max-ns=0", "-object", "iothread,id=iothread1", "-object",
            "rng-builtin,id=rng0", "-netdev", "user,id=net0,ipv6=off", "-chardev", "null,id=port0",
            "-object", "throttle-group,id=throttle0",
            "-blockdev", "driver=throttle,node-name=throttled0,throttle-group=throttle0,file.driver=null-co,file.size=1073741824",
            "-blockdev", Backing(0), "-blockdev", Backing(1), "-blockdev", Backing(2), "-blockdev", Backing(3), "-blockdev", Backing(4),
            "-blockdev", Backing(5),
            // vda to vdf: a guest with two CPUs sets up two of the three queues.
            "-device", "virtio-blk-pci,id=disk0,drive=backing0,iothread=iothread0,num-queues=3,queue-size=128",
            "-device", "virtio-blk-pci,id=packed0,drive=backing1,num-queues=1,packed=on",
            "-device", "virtio-blk-pci,id=plain0,drive=backing2,num-queues=1,event_idx=off,disable-modern=on",
            "-device", "virtio-blk-pci,id=slow0,drive=throttled0,num-queues=1",
            "-device", "virtio-blk-pci,id=noevent0,drive=backing3,num-queues=1,event_idx=off",
            "-device", "virtio-blk-pci,id=packed1,drive=backing4,iothread=iothread1,num-queues=2,packed=on,event_idx=off",
            // sda
            "-device", "virtio-scsi-pci,id=scsi0,num_queues=2", "-device", "scsi-hd,bus=scsi0.0,drive=backing5",
            "-device", "virtio-net-pci,id=nic0,netdev=net0", "-device", "virtio-rng-pci,id=random0,rng=rng0", "-device",
            "virtio-balloon-pci,id=balloon0",
            "-device", "virtio-serial-pci,id=serial0", "-device", "virtserialport,bus=serial0.0,chardev=port0");
        qemu.Run(Setup);
        return qemu;
    });

    public Qemu Qemu => _qemu.Value;

    /// <summary>A device by its id, with its QEMU.</summary>
    public (QemuProcess Qemu, VirtioDevice Device) Find(string id) => Qemu.Find(id);

    /// <summary>A device's state now.</summary>
    public DeviceState Read(string id) => Qemu.Read(id);

    /// <summary>Watches a device as <c>virtap why</c> does, for a shorter time.</summary>
    public Diagnosis Diagnose(string id) => Qemu.Diagnose(id);

    public void Dispose()
    {
        if (_qemu.IsValueCreated)
            _qemu.Value.Dispose();
    }

    private static string Backing(int n) => $"driver=null-co,node-name=backing{n},size=1073741824";
}

/// <summary>The tests that share the guest.</summary>
[CollectionDefinition(Name)]
public sealed class GuestCollection : ICollectionFixture<GuestFixture>
{
    public const string Name = "guest";
}
