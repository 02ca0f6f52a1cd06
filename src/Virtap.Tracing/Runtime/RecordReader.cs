using System.Buffers.Binary;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Runtime;

/// <summary>
/// Takes a ring record apart (<see cref="RecordFormat"/>). It believes nothing: whatever the bytes are, it ends and says so.
/// </summary>
public ref struct RecordReader
{
    private ReadOnlySpan<byte> _rest;

    /// <summary>Begins with a record's first item.</summary>
    public RecordReader(ReadOnlySpan<byte> record) => _rest = record;

    /// <summary>Whether the record holds bytes that make no item; reading has ended before them.</summary>
    public bool IsCorrupt { get; private set; }

    /// <summary>The next item, if there is one.</summary>
    /// <param name="kind">The index of a print site, or one of <see cref="RecordFormat"/>'s kinds.</param>
    /// <param name="arguments">What the item holds.</param>
    public bool TryReadItem(out uint kind, out ItemReader arguments)
    {
        kind = 0;
        arguments = default;
        if (_rest.Length == 0 || IsCorrupt)
            return false;
        int length = 0;
        if (_rest.Length >= RecordFormat.HeaderBytes)
        {
            kind = BinaryPrimitives.ReadUInt32LittleEndian(_rest);
            length = kind switch
            {
                < RecordFormat.Error => (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(_rest[4..]), int.MaxValue),
                RecordFormat.Exit => RecordFormat.HeaderBytes,
                RecordFormat.Error or RecordFormat.Process => LengthOfThreeNumbersAndText(_rest),
                _ => 0,
            };
        }

        if (length < RecordFormat.HeaderBytes || length > _rest.Length || length % 8 != 0)
        {
            IsCorrupt = true;
            return false;
        }

        arguments = new ItemReader(_rest[RecordFormat.HeaderBytes..length]);
        _rest = _rest[length..];
        return true;
    }

    private static int LengthOfThreeNumbersAndText(ReadOnlySpan<byte> item)
    {
        const int Text = RecordFormat.HeaderBytes + 24;
        if (item.Length < Text + 8)
            return 0;
        ulong bytes = BinaryPrimitives.ReadUInt64LittleEndian(item[Text..]);
        return bytes > (ulong)item.Length ? 0 : Text + 8 + (((int)bytes + 7) & ~7);
    }
}
