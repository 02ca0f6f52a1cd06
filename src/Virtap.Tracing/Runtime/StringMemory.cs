using System.Buffers.Binary;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Runtime;

/// <summary>
/// Strings in flat memory, byte for byte as the routines of eBPF treat them: what is written ends with zeros up to eight bytes behind the
/// last; what is read is read in words, and no further than a string's slot.
/// </summary>
internal readonly struct StringMemory(FlatMemory memory, MemoryLayout layout)
{
    /// <summary>The most bytes that a string has, without its zero.</summary>
    public int Max => layout.MaxStringLength - 1;

    /// <summary>The string at an offset.</summary>
    public ReadOnlySpan<byte> Read(long offset)
    {
        ReadOnlySpan<byte> slot = memory.Bytes(offset, layout.StringBytes);
        int length = slot.IndexOf((byte)0);
        return length >= 0 ? slot[..length] : slot;
    }

    /// <summary>A string in a slot, to append to: empty, or of a length that has been written.</summary>
    public StringSink Open(long slot, int length = 0) => new(memory.Bytes(slot, layout.StringBytes), Max, length);

    /// <summary>Writes a string, cut where the slot ends; returns its length. The text may be the slot's own.</summary>
    public int Write(long slot, ReadOnlySpan<byte> text)
    {
        Span<byte> target = memory.Bytes(slot, layout.StringBytes);
        int length = Math.Min(text.Length, Max);
        text[..length].CopyTo(target);
        target.Slice(length, 8).Clear();
        return length;
    }

    /// <summary>Copies the string at one offset to a slot; returns its length.</summary>
    public int Copy(long slot, long from) => Write(slot, Read(from));

    /// <summary>-1, 0 or 1 as the first string is less than, equal to or greater than the second, byte by byte.</summary>
    public int Compare(long left, long right)
    {
        for (int at = 0; at < layout.StringBytes; at += 8)
        {
            ulong a = (ulong)memory.Word(left + at), b = (ulong)memory.Word(right + at);
            if (a != b)
                return BinaryPrimitives.ReverseEndianness(a) < BinaryPrimitives.ReverseEndianness(b) ? -1 : 1;
            if (HasZeroByte(a))
                break;
        }

        return 0;
    }

    /// <summary>Mixes a string into the hash of an array's keys.</summary>
    public ulong Hash(ulong hash, long offset)
    {
        for (int at = 0; at < layout.StringBytes; at += 8)
        {
            ulong word = (ulong)memory.Word(offset + at);
            hash = KeyHash.Mix(hash, word);
            if (HasZeroByte(word))
                break;
        }

        return hash;
    }

    private static bool HasZeroByte(ulong word) => ((word - 0x0101010101010101) & ~word & 0x8080808080808080) != 0;
}
