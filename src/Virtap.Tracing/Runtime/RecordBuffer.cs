using System.Buffers.Binary;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Runtime;

/// <summary>
/// Items of a record while a handler runs (<see cref="RecordFormat"/>). It grows as need be: no print of a handler in this process is too
/// large.
/// </summary>
internal sealed class RecordBuffer
{
    private byte[] _bytes = new byte[4096];
    private int _length;
    private int _item;

    /// <summary>Bytes of whole items.</summary>
    public int Length => _item;

    /// <summary>The whole items.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _item);

    /// <summary>Starts an item; one that was not ended is forgotten.</summary>
    public void Begin(uint kind)
    {
        _length = _item;
        BinaryPrimitives.WriteUInt32LittleEndian(Reserve(RecordFormat.HeaderBytes), kind);
    }

    /// <summary>Adds a number to the item.</summary>
    public void Append(long value) => BinaryPrimitives.WriteInt64LittleEndian(Reserve(8), value);

    /// <summary>Adds a text to the item: its length, its bytes, zeros to a multiple of eight.</summary>
    public void Append(ReadOnlySpan<byte> text)
    {
        Append(text.Length);
        Span<byte> room = Reserve((text.Length + 7) & ~7);
        text.CopyTo(room);
        room[text.Length..].Clear();
    }

    /// <summary>Ends the item: only now does it count.</summary>
    public void End()
    {
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(_item + 4), _length - _item);
        _item = _length;
    }

    /// <summary>Forgets everything.</summary>
    public void Clear() => _item = _length = 0;

    private Span<byte> Reserve(int count)
    {
        if (_bytes.Length - _length < count)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, checked(_length + count)));
        Span<byte> room = _bytes.AsSpan(_length, count);
        _length += count;
        return room;
    }
}

/// <summary>Takes records, wherever they come from: the ring, or handlers run in this process.</summary>
public interface IRecordSink
{
    /// <summary>Takes one record of whole items (<see cref="Memory.RecordFormat"/>); its bytes are the caller's again afterwards.</summary>
    void Write(ReadOnlySpan<byte> record);
}
