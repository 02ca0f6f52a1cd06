using System.Numerics;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Runtime;

/// <summary>
/// A session's flat memory as this process sees it. An offset is made to lie in it before it is used, as the eBPF programs do it: whatever
/// a script or a corrupt link makes of it, an access stays within the memory. The memory must outlive this view of it.
/// </summary>
public readonly unsafe struct FlatMemory
{
    private readonly byte* _address;
    private readonly long _mask;
    private readonly long _length;

    /// <summary>Looks at memory of <see cref="MemoryLayout.AddressableBytes"/> + <see cref="MemoryLayout.Slack"/> bytes.</summary>
    public FlatMemory(byte* address, MemoryLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        _address = address;
        _length = layout.AddressableBytes;
        _mask = (long)BitOperations.RoundUpToPowerOf2((ulong)_length) - 1;
    }

    /// <summary>All of the memory that offsets reach.</summary>
    public ReadOnlySpan<byte> All => new(_address, checked((int)_length));

    /// <summary>The 64-bit word at an offset.</summary>
    public ref long Word(long offset) => ref *(long*)(_address + Within(offset));

    /// <summary>The word so many bytes into an array's entry. Entry 0 is zeros.</summary>
    public ref long Field(long entry, int offset) => ref *(long*)(_address + Within(entry) + (offset & (MemoryLayout.Slack / 2 - 1)));

    /// <summary>
    /// Bytes from an offset; fewer than asked for where the memory ends before, which is never within <see cref="MemoryLayout.Slack"/>
    /// bytes.
    /// </summary>
    public Span<byte> Bytes(long offset, int length)
    {
        long at = Within(offset);
        return new Span<byte>(_address + at, (int)Math.Min(length, _length + MemoryLayout.Slack - at));
    }

    private long Within(long offset)
    {
        long masked = offset & _mask;
        return masked < _length ? masked : 0;
    }

    /// <summary>Writes what memory holds before the session starts.</summary>
    public void Initialize(IEnumerable<InitialBytes> initial)
    {
        foreach ((int offset, ReadOnlyMemory<byte> bytes, _) in initial)
            bytes.Span.CopyTo(Bytes(offset, bytes.Length));
    }
}
