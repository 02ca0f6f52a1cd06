namespace Virtap.Virtio.Tests.Support;

/// <summary>One Linux guest with disks, a network and more, for the tests that need one; they run one after the other and leave it running and idle.</summary>
public sealed class GuestFixture : IDisposable
{
    private readonly Lazy<Qemu> _qemu = new(() => Qemu.Boot(
        "-object", "iothread,id=iothread0", "-object", "rng-builtin,id=rng0", "-netdev", "user,id=net0", "-object", "throttle-group,id=throttle0",
        "-blockdev", "driver=null-co,node-name=backing0,size=1073741824", "-blockdev", "driver=null-co,node-name=backing1,size=1073741824",
        "-blockdev", "driver=null-co,node-name=backing2,size=1073741824",
        "-blockdev", "driver=throttle,node-name=throttled0,throttle-group=throttle0,file.driver=null-co,file.size=1073741824",
        "-device", "virtio-blk-pci,id=disk0,drive=backing0,iothread=iothread0,num-queues=2,queue-size=128",
        "-device", "virtio-blk-pci,id=packed0,drive=backing1,packed=on",
        "-device", "virtio-blk-pci,id=plain0,drive=backing2,event_idx=off,disable-modern=on",
        "-device", "virtio-blk-pci,id=slow0,drive=throttled0",
        "-device", "virtio-net-pci,id=nic0,netdev=net0", "-device", "virtio-rng-pci,id=random0,rng=rng0", "-device", "virtio-balloon-pci,id=balloon0",
        "-device", "virtio-serial-pci,id=serial0"));

    public Qemu Qemu => _qemu.Value;

    public void Dispose()
    {
        if (_qemu.IsValueCreated)
            _qemu.Value.Dispose();
    }
}

/// <summary>The tests that share the guest.</summary>
[CollectionDefinition(Name)]
public sealed class GuestCollection : ICollectionFixture<GuestFixture>
{
    public const string Name = "guest";
}
