using System.Runtime.InteropServices;

namespace Virtap.Processes.Memory;

/// <summary>Ranges that are gathered first and then read together: one system call for some hundreds of them instead of one each.</summary>
public sealed class MemoryBatch
{
    private readonly List<MemoryRange> _ranges = [];
    private readonly List<int> _offsets = [];
    private int _length;
    private byte[] _buffer = [];
    private bool[] _succeeded = [];

    /// <summary>How many ranges it holds.</summary>
    public int Count => _ranges.Count;

    /// <summary>The bytes of a range after <see cref="Read"/>; empty when it could not be read.</summary>
    public ReadOnlySpan<byte> this[int index] => _succeeded[index] ? _buffer.AsSpan(_offsets[index], _ranges[index].Length) : [];

    /// <summary>Adds a range.</summary>
    /// <returns>Its index.</returns>
    public int Add(ulong address, int length)
    {
        _ranges.Add(new MemoryRange(address, length));
        _offsets.Add(_length);
        _length += length;
        return _ranges.Count - 1;
    }

    /// <summary>Reads all ranges.</summary>
    public void Read(TargetMemory memory)
    {
        // Not cleared: ranges that could not be read are not shown.
        _buffer = GC.AllocateUninitializedArray<byte>(_length);
        _succeeded = new bool[_ranges.Count];
        memory.ReadMany(CollectionsMarshal.AsSpan(_ranges), _buffer, _succeeded);
    }

    /// <summary>Makes it empty, for other ranges.</summary>
    public void Clear()
    {
        _ranges.Clear();
        _offsets.Clear();
        _length = 0;
    }
}

/// <summary>A range of a target's memory.</summary>
/// <param name="Address">Its first byte.</param>
/// <param name="Length">How many bytes.</param>
public readonly record struct MemoryRange(ulong Address, int Length);
