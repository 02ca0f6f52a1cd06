namespace Virtap.Virtio.Tests.Support;

/// <summary>One paused QEMU with a device of many kinds, for tests that only look.</summary>
public sealed class SharedQemu : IDisposable
{
    private readonly Lazy<Qemu> _qemu = new(() => Qemu.Start(
        "-S", "-smp", "3", "-name", "guest=shared,process=shared-qemu",
        "-object", "iothread,id=iothread0", "-object", "rng-builtin,id=rng0",
        "-blockdev", "driver=null-co,node-name=backing0,size=1073741824", "-blockdev", "driver=null-co,node-name=backing1,size=1073741824",
        "-blockdev", "driver=null-co,node-name=backing2,size=1073741824",
        "-netdev", "user,id=net0",
        "-device", "virtio-blk-pci,id=disk0,drive=backing0,iothread=iothread0,num-queues=4,queue-size=128,addr=9",
        "-device", "virtio-blk-pci,drive=backing1,num-queues=1,packed=on",
        "-device", "virtio-net-pci,id=nic0,netdev=net0",
        "-device", "virtio-scsi-pci,id=scsi0,num_queues=2", "-device", "scsi-hd,bus=scsi0.0,drive=backing2",
        "-device", "virtio-serial-pci,id=serial0", "-device", "virtio-rng-pci,id=rng,rng=rng0",
        "-device", "virtio-keyboard-pci,id=keyboard0",
        "-device", "pci-bridge,id=bridge0,chassis_nr=1", "-device", "virtio-balloon-pci,id=behind,bus=bridge0,addr=3"));

    public Qemu Qemu => _qemu.Value;

    public void Dispose()
    {
        if (_qemu.IsValueCreated)
            _qemu.Value.Dispose();
    }
}
