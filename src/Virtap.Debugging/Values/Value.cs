using Virtap.Binaries.Types;
using Virtap.Processes.Memory;

namespace Virtap.Debugging.Values;

/// <summary>
/// A value of a C type: what lies at an address of the target, which is read when it is first asked for, or bytes that were computed.
/// Of what has been read once, members and elements are parts: one read of the target's memory for a whole structure.
/// </summary>
public sealed class Value
{
    /// <summary>The most that a value may take, as gdb's max-value-size has it.</summary>
    public const int MaxBytes = 65536;

    private readonly TargetMemory? _memory;
    private byte[]? _bytes;
    private int _start;

    private Value(CType type, TargetMemory? memory, ulong? address)
    {
        (Type, _memory, Address) = (type, memory, address);
    }

    /// <summary>Its type.</summary>
    public CType Type { get; }

    /// <summary>Where it lies; null where it lies nowhere: it was computed, is in a register, or is a bit-field.</summary>
    public ulong? Address { get; }

    /// <summary>Bits of a bit-field; null for all others.</summary>
    public int? BitSize { get; private init; }

    /// <summary>Why it has no value; null where it has one.</summary>
    public string? Absence { get; private init; }

    /// <summary>Bytes of the type.</summary>
    public long Size => Type.Size ?? 0;

    /// <summary>Its bytes.</summary>
    /// <exception cref="MemoryFaultException">They cannot be read.</exception>
    public ReadOnlySpan<byte> Bytes
    {
        get
        {
            if (_bytes is null)
                Read();
            return _bytes.AsSpan(_start, (int)Size);
        }
    }

    /// <summary>What lies at an address.</summary>
    public static Value At(CType type, TargetMemory memory, ulong address) => new(type, memory, address);

    /// <summary>A value that was computed.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="bytes">As many bytes as the type has, or more, which are not looked at.</param>
    /// <param name="memory">Where its address is meant; null for nowhere.</param>
    public static Value Of(CType type, byte[] bytes, TargetMemory? memory = null)
    {
        if (bytes.Length < (type.Size ?? 0))
            Array.Resize(ref bytes, (int)type.Size!);
        return new Value(type, memory, null) { _bytes = bytes };
    }

    /// <summary>A variable that has no value here, for a reason.</summary>
    public static Value Absent(CType type, string reason) => new(type, null, null) { Absence = reason, _bytes = new byte[type.Size ?? 0] };

    /// <summary>The same bytes as another type.</summary>
    public Value As(CType type)
    {
        if (type.Size is long size && size > Size && Address is null)
            return Of(type, Bytes.ToArray());
        return new Value(type, _memory, Address)
        {
            _bytes = (type.Size ?? 0) <= Size ? _bytes : null, _start = _start, BitSize = BitSize, Absence = Absence,
        };
    }

    /// <summary>A part of it.</summary>
    /// <param name="type">The part's type.</param>
    /// <param name="offset">Bytes from its start.</param>
    public Value Part(CType type, long offset)
    {
        var part = new Value(type, _memory, Address + (ulong)offset) { Absence = Absence };
        if (_bytes is null || offset < 0 || offset + (type.Size ?? 0) > _bytes.Length - _start)
            return part;
        part._bytes = _bytes;
        part._start = _start + (int)offset;
        return part;
    }

    /// <summary>A member of a structure.</summary>
    public Value Member(StructureMember member)
    {
        if (member.BitSize is not int bits)
            return Part(member.Type, member.BitOffset / 8);
        Int128 number = 0;
        int first = (int)(member.BitOffset % 8), bytes = (first + bits + 7) / 8;
        ReadOnlySpan<byte> from = Part(new ArrayType(new IntegerType(null, 1, IsSigned: false), bytes), member.BitOffset / 8).Bytes;
        for (int at = bytes - 1; at >= 0; at--)
            number = (number << 8) | from[at];
        number = (number >> first) & ((Int128.One << bits) - 1);
        if (member.Type.Number is { IsSigned: true } && ((number >> (bits - 1)) & 1) != 0)
            number -= Int128.One << bits;
        byte[] value = new byte[member.Type.Size ?? 16];
        for (int at = 0; at < value.Length; at++)
            value[at] = (byte)(number >> (8 * Math.Min(at, 15)));
        return new Value(member.Type, _memory, null) { _bytes = value, BitSize = bits };
    }

    /// <summary>An array of what lies from here on.</summary>
    public Value Elements(long count) => new(new ArrayType(Type, count), _memory, Address);

    /// <summary>The whole number that its bytes are.</summary>
    /// <exception cref="MemoryFaultException">They cannot be read.</exception>
    public System.Numerics.BigInteger ToNumber() => Numbers.Read(this);

    /// <summary>
    /// The address that is meant where one is wanted: where an array, a function, a structure or what has no known type lies, else the
    /// number.
    /// </summary>
    /// <exception cref="MemoryFaultException">Its bytes cannot be read.</exception>
    public ulong ToAddress() =>
        Address is ulong address && Type.Underlying is ArrayType or FunctionType or StructureType or TypedefType { Target: null }
        ? address
        : (ulong)(ToNumber() & ulong.MaxValue);

    private void Read()
    {
        if (Size > MaxBytes)
            throw new ValueTooLargeException(Size);
        if (_memory is null || Address is not ulong address)
            throw new MemoryFaultException(Address ?? 0);
        byte[] bytes = new byte[Size];
        int read = _memory.Read(address, bytes);
        if (read < bytes.Length)
            throw new MemoryFaultException(address + (ulong)read);
        _bytes = bytes;
    }
}
