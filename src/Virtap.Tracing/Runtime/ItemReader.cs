using System.Buffers.Binary;

namespace Virtap.Tracing.Runtime;

/// <summary>The arguments of one item of a record, one after the other.</summary>
public ref struct ItemReader
{
    private ReadOnlySpan<byte> _rest;

    internal ItemReader(ReadOnlySpan<byte> arguments) => _rest = arguments;

    /// <summary>Whether everything has been read.</summary>
    public readonly bool IsAtEnd => _rest.Length == 0;

    /// <summary>A number; false if none is left.</summary>
    public bool TryReadLong(out long value)
    {
        if (!BinaryPrimitives.TryReadInt64LittleEndian(_rest, out value))
            return false;
        _rest = _rest[8..];
        return true;
    }

    /// <summary>A text; false if none is left, or not all of it.</summary>
    public bool TryReadText(out ReadOnlySpan<byte> text)
    {
        text = default;
        if (!BinaryPrimitives.TryReadUInt64LittleEndian(_rest, out ulong length) || length > (ulong)(_rest.Length - 8))
            return false;
        text = _rest.Slice(8, (int)length);
        int padded = 8 + (((int)length + 7) & ~7);
        if (padded > _rest.Length)
            return false;
        _rest = _rest[padded..];
        return true;
    }
}
