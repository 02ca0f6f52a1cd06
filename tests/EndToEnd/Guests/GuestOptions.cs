namespace Virtap.EndToEnd.Guests;

/// <summary>How a guest is to be started.</summary>
public sealed record GuestOptions
{
    /// <summary>What it runs on.</summary>
    public GuestMachine Machine { get; init; } = GuestMachine.X64;

    /// <summary>QEMU arguments for the devices under test. Default: <see cref="Disk"/>.</summary>
    public IReadOnlyList<string> Devices { get; init; } = Disk;

    /// <summary>The trace events that QEMU itself logs (patterns as for <c>-trace</c>); none by default.</summary>
    public IReadOnlyList<string> Trace { get; init; } = [];

    /// <summary>Do not let the guest run before <see cref="Guest.ResumeAsync"/>: to attach before its first instruction.</summary>
    public bool StartPaused { get; init; }

    /// <summary>
    /// All of QEMU's threads on one CPU, as batch work: completions come in bursts as long as the queue is deep.
    /// <c>./demo</c> says why.
    /// </summary>
    public bool SharesOneCpu { get; init; }

    /// <summary>The guest's memory in MiB.</summary>
    public int Memory { get; init; } = 512;

    /// <summary>The kernel: the one that guest/build has made the guest with, or a file of out/guest.</summary>
    public string Kernel { get; init; } = "vmlinuz";

    /// <summary>Files to add to the guest's file system: path there, path here.</summary>
    public IReadOnlyDictionary<string, string> Files { get; init; } = new Dictionary<string, string>();

    /// <summary>One virtio-blk disk, id disk0, 1 GiB of nothing behind it, served by an iothread.</summary>
    public static IReadOnlyList<string> Disk { get; } =
    [
        "-object", "iothread,id=iothread0",
        "-blockdev", "driver=null-co,node-name=backing0,size=1073741824,read-zeroes=on",
        "-device", "virtio-blk-pci,id=disk0,drive=backing0,iothread=iothread0,num-queues=1,queue-size=128",
    ];
}
