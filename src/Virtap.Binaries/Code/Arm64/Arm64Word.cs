using System.Numerics;

namespace Virtap.Binaries.Code.Arm64;

/// <summary>An instruction of AArch64, and its fields; the encodings are those of the architecture's manual (DDI 0487, C4.1).</summary>
internal readonly record struct Arm64Word(uint Value)
{
    /// <summary>The instruction that does nothing.</summary>
    public const uint Nop = 0xd503201f;

    /// <summary>Whether the masked bits have a value.</summary>
    public bool Matches(uint mask, uint bits) => (Value & mask) == bits;

    public bool Bit(int at) => (Value >> at & 1) != 0;

    public int Field(int at, int bits) => (int)(Value >> at & ((1u << bits) - 1));

    public long Signed(int at, int bits) => (long)((ulong)(Value >> at) << 64 - bits) >> 64 - bits;

    /// <summary>Bytes of the general registers that most instructions work on.</summary>
    public int Size => Bit(31) ? 8 : 4;

    /// <summary>The register that is written (or stored).</summary>
    public int Target => Field(0, 5);

    /// <summary>The first register that is read: the left operand, the base of an address.</summary>
    public int Left => Field(5, 5);

    /// <summary>The second register that is read.</summary>
    public int Right => Field(16, 5);

    /// <summary>The third, of a multiplication; the second of a pair.</summary>
    public int Third => Field(10, 5);

    /// <summary>Whether it is <c>cbz</c> or <c>cbnz</c>.</summary>
    public bool IsCompareAndJump => Matches(0x7e000000, 0x34000000);

    /// <summary>Whether it is <c>tbz</c> or <c>tbnz</c>.</summary>
    public bool IsTestAndJump => Matches(0x7e000000, 0x36000000);

    /// <summary>The number of the bit that <c>tbz</c> or <c>tbnz</c> tests.</summary>
    public int TestedBit => Field(19, 5) | (Bit(31) ? 32 : 0);

    /// <summary>Whether it is <c>adr</c> or <c>adrp</c>, which make an address.</summary>
    public bool IsAddress => Matches(0x1f000000, 0x10000000);

    /// <summary>The address that <c>adr</c> or <c>adrp</c> makes where it stands.</summary>
    public ulong AddressAt(ulong address)
    {
        long distance = Signed(5, 19) << 2 | (long)Field(29, 2);
        return Bit(31) ? unchecked((address & ~0xffful) + (ulong)(distance << 12)) : unchecked(address + (ulong)distance);
    }

    /// <summary>
    /// The mask that a logical immediate encodes (DecodeBitMasks of the manual): a run of ones, rotated, repeated. Null for none.
    /// </summary>
    public ulong? Mask
    {
        get
        {
            int ones = Field(10, 6);
            int length = 31 - BitOperations.LeadingZeroCount((uint)(Field(22, 1) << 6 | ~ones & 0x3f));
            if (length < 1)
                return null;
            int size = 1 << length;
            int run = (ones & (size - 1)) + 1, by = Field(16, 6) & (size - 1);
            if (run == size)
                return null;
            ulong element = (1ul << run) - 1;
            if (by > 0)
                element = element >> by | element << size - by & (size == 64 ? ulong.MaxValue : (1ul << size) - 1);
            for (int copied = size; copied < 64; copied *= 2)
                element |= element << copied;
            return Bit(31) ? element : (uint)element;
        }
    }
}
