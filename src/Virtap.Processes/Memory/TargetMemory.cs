using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Virtap.Processes.Memory;

/// <summary>
/// Memory that is read by a target's own addresses: a live process's, or a core's. An address that cannot be read is ordinary and never
/// throws.
/// </summary>
public abstract class TargetMemory
{
    // No string is looked for across more than this in one step, nor across a page that may not be there.
    private const int StringStep = 256;

    /// <summary>Whether the target goes on writing while it is read; a core holds one moment.</summary>
    public abstract bool IsLive { get; }

    /// <summary>Reads as much as there is from an address on.</summary>
    /// <returns>How many bytes at the beginning of <paramref name="buffer"/> were read; less than its length when the memory ends
    /// there.</returns>
    public abstract int Read(ulong address, Span<byte> buffer);

    /// <summary>
    /// Reads many ranges at once, one after the other into <paramref name="buffer"/>.
    /// </summary>
    /// <param name="ranges">What to read.</param>
    /// <param name="buffer">At least as long as all ranges together; bytes of ranges that could not be read are undefined.</param>
    /// <param name="succeeded">For each range, whether it was read as a whole.</param>
    /// <returns>How many ranges were read as a whole.</returns>
    public virtual int ReadMany(ReadOnlySpan<MemoryRange> ranges, Span<byte> buffer, Span<bool> succeeded)
    {
        int count = 0;
        for (int i = 0; i < ranges.Length; i++)
        {
            int length = ranges[i].Length;
            succeeded[i] = TryRead(ranges[i].Address, buffer[..length]);
            count += succeeded[i] ? 1 : 0;
            buffer = buffer[length..];
        }

        return count;
    }

    /// <summary>Fills <paramref name="buffer"/> from an address on.</summary>
    /// <returns>False when not all of it could be read.</returns>
    public bool TryRead(ulong address, Span<byte> buffer) => Read(address, buffer) == buffer.Length;

    /// <summary>Reads one value in the target's byte order (this machine's).</summary>
    public bool TryRead<T>(ulong address, out T value)
        where T : unmanaged
    {
        value = default;
        Span<byte> bytes = MemoryMarshal.AsBytes(new Span<T>(ref value));
        if (TryRead(address, bytes))
            return true;
        value = default;
        return false;
    }

    /// <summary>Reads a C string (UTF-8; what is not is replaced).</summary>
    /// <param name="address">Its first byte.</param>
    /// <param name="limit">The most bytes before its end; a longer one is no string.</param>
    /// <returns>Null when it cannot be read or does not end within <paramref name="limit"/> bytes.</returns>
    [SkipLocalsInit]
    public string? ReadString(ulong address, int limit = 4096)
    {
        Span<byte> step = stackalloc byte[StringStep];
        byte[]? collected = null;
        int length = 0;
        while (length <= limit)
        {
            int read = Read(address + (ulong)length, step);
            int end = step[..read].IndexOf((byte)0);
            if (end >= 0 && length + end > limit || end < 0 && read < step.Length)
                return null;
            if (end >= 0 && collected is null)
                return Encoding.UTF8.GetString(step[..end]);
            int take = end >= 0 ? end : read;
            Array.Resize(ref collected, length + take);
            step[..take].CopyTo(collected.AsSpan(length));
            length += take;
            if (end >= 0)
                return Encoding.UTF8.GetString(collected);
        }

        return null;
    }
}
