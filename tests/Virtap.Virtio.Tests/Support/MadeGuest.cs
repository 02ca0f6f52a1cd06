using Virtap.Virtio.Guests;

namespace Virtap.Virtio.Tests.Support;

/// <summary>
/// A QEMU's map of a guest with two megabytes of RAM, cut in two by a device's registers, as the structures lie in QEMU's memory:
/// FlatView, MemoryRegion, RAMBlock.
/// </summary>
internal sealed class MadeGuest
{
    public const ulong FlatView = 0x1000;
    public const ulong FirstRam = 0;
    public const ulong Registers = 0x100000;
    public const ulong SecondRam = 0x101000;
    public const ulong End = 0x200000;
    private const ulong Ranges = 0x2000;
    private const ulong RamRegion = 0x3000;
    private const ulong DeviceRegion = 0x4000;
    private const ulong Block = 0x5000;

    /// <summary>Where the RAM lies in QEMU's memory.</summary>
    public const ulong Host = 0x7f0000000000;

    public MadeGuest()
    {
        Memory.Write(FlatView, new byte[40]);
        Memory.Write(FlatView + 24, Ranges);
        Memory.Write(FlatView + 32, 3);
        Memory.Write(FlatView + 36, 8);
        Range(0, RamRegion, FirstRam, FirstRam, Registers - FirstRam);
        Range(1, DeviceRegion, 0, Registers, SecondRam - Registers);
        Range(2, RamRegion, SecondRam, SecondRam, End - SecondRam);
        Memory.Write(RamRegion, new byte[160]);
        // Something else that is a pointer comes first.
        Memory.Write(RamRegion + 48, FlatView);
        Memory.Write(RamRegion + 72, Block);
        Memory.Write(DeviceRegion, new byte[160]);
        Memory.Write(Block, new byte[32]);
        Memory.Write(Block + 16, RamRegion);
        Memory.Write(Block + 24, Host);
    }

    public MadeMemory Memory { get; } = new();

    public GuestMemory Find() => GuestMemory.Find(Memory, FlatView, (SecondRam, Host + SecondRam))!;

    private void Range(int n, ulong region, ulong within, ulong start, ulong length)
    {
        ulong at = Ranges + 64 * (ulong)n;
        Memory.Write(at, new byte[64]);
        Memory.Write(at, region);
        Memory.Write(at + 8, within);
        Memory.Write(at + 16, start);
        Memory.Write(at + 32, length);
    }
}
