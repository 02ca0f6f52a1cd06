using System.Buffers.Binary;
using Virtap.Binaries.Code.X64;
using Virtap.Binaries.Elf;

namespace Virtap.Binaries.Functions;

/// <summary>Chooses the instruction that a probe on a function's entry is put on.</summary>
internal static class FunctionEntry
{
    private const int MaxScanned = 1 << 20;
    private const int EndBranchSize = 4;

    /// <summary>The link-time address to probe.</summary>
    /// <param name="file">The file.</param>
    /// <param name="address">The function's first instruction.</param>
    /// <param name="size">Bytes of its code; 0 where not known.</param>
    public static ulong ProbeAddress(ElfFile file, ulong address, ulong size)
    {
        if (file.Architecture != Architecture.X64 || size <= EndBranchSize)
            return address;
        ReadOnlySpan<byte> code = file.BytesAt(address, (int)Math.Min(size, MaxScanned));
        bool skips = (ulong)code.Length == size && code.StartsWith(X64Prologue.EndBranch) && !MayJumpTo(code, EndBranchSize);
        return skips ? address + EndBranchSize : address;
    }

    /// <summary>
    /// Whether the function may jump to a place in itself: a call of itself in tail position can become a jump to right behind the entry,
    /// where a probe would then count more than entries. Looks at bytes, not at instructions: a false alarm costs speed, not truth.
    /// </summary>
    private static bool MayJumpTo(ReadOnlySpan<byte> code, int target)
    {
        for (int at = target; at + 1 < code.Length && at < target + 128; at++)
        {
            if (code[at] is 0xeb or (>= 0x70 and <= 0x7f) or (>= 0xe0 and <= 0xe3) && at + 2 + (sbyte)code[at + 1] == target)
                return true;
        }

        for (int at = target; code[at..].IndexOfAny((byte)0xe9, (byte)0x0f) is int found and >= 0; at += found + 1)
        {
            int displacement = at + found + (code[at + found] == 0xe9 ? 1 : 2);
            if (displacement + 4 <= code.Length
                && displacement + 4 + BinaryPrimitives.ReadInt32LittleEndian(code[displacement..]) == target)
                return true;
        }

        return false;
    }
}
