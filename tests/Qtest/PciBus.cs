namespace Virtap.Qtest;

/// <summary>
/// The first PCI bus of a machine that no firmware has set up: its configuration space, and room for what its devices map.
/// </summary>
public abstract class PciBus(QtestConnection qtest, ulong window)
{
    private ulong _next = window;

    /// <summary>The machine.</summary>
    public QtestConnection Qtest { get; } = qtest;

    /// <summary>That of x86 (i440fx, q35): configuration through the ports 0xcf8 and 0xcfc.</summary>
    public static PciBus OfPc(QtestConnection qtest) => new PortBus(qtest);

    /// <summary>That of aarch64's <c>virt,highmem=off</c>: configuration in memory from 0x3f000000 on.</summary>
    public static PciBus OfVirt(QtestConnection qtest) => new MemoryBus(qtest);

    /// <summary>Reads configuration space.</summary>
    /// <param name="slot">0 to 31; function 0 is meant.</param>
    /// <param name="offset">In bytes; aligned to <paramref name="size"/>.</param>
    /// <param name="size">1, 2 or 4 bytes.</param>
    public abstract uint Read(int slot, int offset, int size);

    /// <summary>Writes configuration space.</summary>
    public abstract void Write(int slot, int offset, int size, uint value);

    /// <summary>Takes room for a BAR.</summary>
    internal ulong Take(ulong bytes)
    {
        ulong address = (_next + bytes - 1) & ~(bytes - 1);
        _next = address + bytes;
        return address;
    }

    private sealed class PortBus(QtestConnection qtest) : PciBus(qtest, 0xe0000000)
    {
        public override uint Read(int slot, int offset, int size)
        {
            Select(slot, offset);
            return Qtest.ReadPort((ushort)(0xcfc + (offset & 3)), size);
        }

        public override void Write(int slot, int offset, int size, uint value)
        {
            Select(slot, offset);
            Qtest.WritePort((ushort)(0xcfc + (offset & 3)), size, value);
        }

        private void Select(int slot, int offset) => Qtest.WritePort(0xcf8, 4, 0x80000000 | ((uint)slot << 11) | ((uint)offset & 0xfc));
    }

    private sealed class MemoryBus(QtestConnection qtest) : PciBus(qtest, 0x10000000)
    {
        public override uint Read(int slot, int offset, int size) => (uint)Qtest.ReadRegister(At(slot, offset), size);

        public override void Write(int slot, int offset, int size, uint value) => Qtest.WriteRegister(At(slot, offset), size, value);

        private static ulong At(int slot, int offset) => 0x3f000000 + ((ulong)slot << 15) + (ulong)offset;
    }
}
