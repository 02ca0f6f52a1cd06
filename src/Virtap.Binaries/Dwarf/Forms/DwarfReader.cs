using System.Buffers.Binary;

namespace Virtap.Binaries.Dwarf.Forms;

/// <summary>
/// Reads DWARF's encodings from bytes. Past the end it gives zeros and stands at the end: who reads in a loop asks <see cref="AtEnd"/>,
/// and damaged bytes give less, never an exception.
/// </summary>
internal ref struct DwarfReader
{
    private readonly ReadOnlySpan<byte> _bytes;
    private int _at;

    /// <summary>Begins within bytes.</summary>
    public DwarfReader(ReadOnlySpan<byte> bytes, int position = 0)
    {
        _bytes = bytes;
        Position = position;
    }

    /// <summary>The next byte; one outside of the bytes is their end.</summary>
    public int Position
    {
        readonly get => _at;
        set => _at = (uint)value <= (uint)_bytes.Length ? value : _bytes.Length;
    }

    /// <summary>Whether there is nothing more.</summary>
    public readonly bool AtEnd => _at >= _bytes.Length;

    public byte Byte() => _at < _bytes.Length ? _bytes[_at++] : (byte)0;

    /// <summary>An integer of 1 to 8 bytes, without a sign.</summary>
    public ulong Fixed(int size)
    {
        ReadOnlySpan<byte> bytes = Bytes(size);
        switch (bytes.Length)
        {
            case 1:
                return bytes[0];
            case 2:
                return BinaryPrimitives.ReadUInt16LittleEndian(bytes);
            case 4:
                return BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            case 8:
                return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            default:
                ulong value = 0;
                for (int n = bytes.Length - 1; n >= 0; n--)
                    value = (value << 8) | bytes[n];
                return value;
        }
    }

    /// <summary>LEB128 without a sign; what is above 64 bits is lost.</summary>
    public ulong Unsigned()
    {
        ulong value = 0;
        for (int shift = 0; _at < _bytes.Length; shift += 7)
        {
            byte part = _bytes[_at++];
            if (shift < 64)
                value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80)
                return value;
        }

        return value;
    }

    /// <summary>LEB128 with a sign.</summary>
    public long Signed()
    {
        long value = 0;
        for (int shift = 0; _at < _bytes.Length;)
        {
            byte part = _bytes[_at++];
            if (shift < 64)
                value |= (long)(part & 0x7f) << shift;
            shift += 7;
            if (part < 0x80)
                return shift < 64 && (part & 0x40) != 0 ? value | (-1L << shift) : value;
        }

        return value;
    }

    /// <summary>So many bytes; none where there are not so many.</summary>
    public ReadOnlySpan<byte> Bytes(int count)
    {
        if ((uint)count > (uint)(_bytes.Length - _at))
        {
            _at = _bytes.Length;
            return default;
        }

        ReadOnlySpan<byte> bytes = _bytes.Slice(_at, count);
        _at += count;
        return bytes;
    }

    /// <summary>The bytes up to a zero, which is taken too.</summary>
    public ReadOnlySpan<byte> Text()
    {
        ReadOnlySpan<byte> rest = _bytes[_at..];
        int end = rest.IndexOf((byte)0);
        if (end < 0)
        {
            _at = _bytes.Length;
            return default;
        }

        _at += end + 1;
        return rest[..end];
    }

    /// <summary>Goes on behind so many bytes.</summary>
    public void Skip(ulong count) => _at = count <= (ulong)(_bytes.Length - _at) ? _at + (int)count : _bytes.Length;

    /// <summary>The length of a unit, which says too how wide offsets are in it (DWARF 5, 7.4).</summary>
    public ulong UnitLength(out int offsetSize)
    {
        ulong length = Fixed(4);
        offsetSize = length == 0xffffffff ? 8 : 4;
        return offsetSize == 8 ? Fixed(8) : length;
    }
}
