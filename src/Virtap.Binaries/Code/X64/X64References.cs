using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Virtap.Binaries.Code.X64;

/// <summary>Finds code that refers to an address relative to its own, without decoding it.</summary>
internal static class X64References
{
    /// <summary>
    /// The longest immediate operand that may stand between a displacement and the next instruction, from which it counts.
    /// </summary>
    public const int MaxImmediate = 4;

    /// <summary>
    /// Places whose four bytes, read as a displacement from the next instruction, lead to one of the addresses from
    /// <paramref name="lowest"/> to <paramref name="highest"/>. Some are no displacements: who decodes the code around them knows.
    /// Goes through QEMU's 5.8 MB in 1 ms, once they are in memory.
    /// </summary>
    /// <param name="code">The code.</param>
    /// <param name="address">Its link-time address.</param>
    /// <param name="lowest">The first address.</param>
    /// <param name="highest">The last address.</param>
    /// <param name="found">Receives the link-time address of each place.</param>
    public static void Find(ReadOnlySpan<byte> code, ulong address, ulong lowest, ulong highest, ICollection<ulong> found)
    {
        // displacement + (address + at + 4 + immediate) is in the range, for an immediate of 0 to 4 bytes, if and only if
        // displacement + at is in a range as long, and 4 longer, from here on. All in 32 bits: displacements reach no farther.
        ulong width = highest - lowest + MaxImmediate;
        if (width > int.MaxValue || code.Length < sizeof(int))
            return;
        uint from = unchecked((uint)(lowest - address - sizeof(int) - MaxImmediate));
        int at = 0;

        // 128 bits, not 256: a native binary is compiled for every processor of its kind, and would go byte by byte.
        if (Vector128.IsHardwareAccelerated)
        {
            ref byte first = ref MemoryMarshal.GetReference(code);
            Vector128<uint> lanes = Vector128.Create(0u, 4, 8, 12) - Vector128.Create(from), limit = Vector128.Create((uint)width);
            for (; at + Vector128<byte>.Count + 3 <= code.Length; at += Vector128<byte>.Count)
            {
                Vector128<uint> here = lanes + Vector128.Create((uint)at);
                Vector128<uint> hits = Hits(ref first, at, here, limit) | Hits(ref first, at + 1, here + Vector128.Create(1u), limit)
                    | Hits(ref first, at + 2, here + Vector128.Create(2u), limit) | Hits(
                        ref first, at + 3, here + Vector128.Create(3u), limit);
                if (hits != Vector128<uint>.Zero)
                    FindOneByOne(code, address, at, at + Vector128<byte>.Count, from, (uint)width, found);
            }
        }

        FindOneByOne(code, address, at, code.Length - sizeof(int) + 1, from, (uint)width, found);
    }

    private static Vector128<uint> Hits(ref byte first, int at, Vector128<uint> offset, Vector128<uint> limit)
        => Vector128.LessThanOrEqual(Vector128.LoadUnsafe(ref first, (nuint)at).AsUInt32() + offset, limit);

    private static void FindOneByOne(
        ReadOnlySpan<byte> code, ulong address, int at, int end, uint from, uint width, ICollection<ulong> found)
    {
        for (; at < end; at++)
        {
            uint displacement = MemoryMarshal.Read<uint>(code[at..]);
            if (unchecked(displacement + (uint)at - from) <= width)
                found.Add(address + (ulong)at);
        }
    }
}
