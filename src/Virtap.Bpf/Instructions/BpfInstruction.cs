using System.Runtime.InteropServices;

namespace Virtap.Bpf.Instructions;

/// <summary>
/// One eBPF instruction slot of eight bytes (RFC 9669, section 3.1), in little-endian register order. The load of a 64-bit constant takes
/// two slots; the second has opcode 0 and carries the upper half.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = 8)]
public readonly record struct BpfInstruction
{
    private readonly byte _opcode;
    private readonly byte _registers;
    private readonly short _offset;
    private readonly int _immediate;

    /// <summary>Makes an instruction from its fields.</summary>
    public BpfInstruction(byte opcode, BpfRegister destination, byte source, short offset, int immediate)
    {
        _opcode = opcode;
        _registers = (byte)((source << 4) | ((byte)destination & 0x0f));
        _offset = offset;
        _immediate = immediate;
    }

    /// <summary>Bytes per slot.</summary>
    public const int SizeInBytes = 8;

    /// <summary>The opcode of the two-slot load of a 64-bit constant.</summary>
    public const byte LoadConstantOpcode = 0x18;

    /// <summary>Helper, subprogram and kfunc calls.</summary>
    public const byte CallOpcode = 0x85;

    /// <summary>The opcode that ends a function.</summary>
    public const byte ExitOpcode = 0x95;

    /// <summary>The unconditional jump with a 16-bit distance.</summary>
    public const byte JumpOpcode = 0x05;

    /// <summary>The unconditional jump with a 32-bit distance (6.6).</summary>
    public const byte LongJumpOpcode = 0x06;

    /// <summary>Source field of a constant load: the immediate is a map's file descriptor.</summary>
    public const byte PseudoMapFd = 1;

    /// <summary>Source field of a constant load: a map's file descriptor, and an offset into its only value (5.2).</summary>
    public const byte PseudoMapValue = 2;

    /// <summary>Source field of a constant load: the address of a subprogram (5.13).</summary>
    public const byte PseudoFunction = 4;

    /// <summary>Source field of a call: a subprogram, by distance.</summary>
    public const byte PseudoCall = 1;

    /// <summary>Source field of a call: a function of the kernel, by BTF id (5.13).</summary>
    public const byte PseudoKernelCall = 2;

    /// <summary>The operation.</summary>
    public byte Opcode => _opcode;

    /// <summary>The destination register.</summary>
    public BpfRegister Destination => (BpfRegister)(_registers & 0x0f);

    /// <summary>The source register, or the kind of a pseudo instruction.</summary>
    public byte Source => (byte)(_registers >> 4);

    /// <summary>Signed offset: bytes for memory, slots for jumps.</summary>
    public short Offset => _offset;

    /// <summary>The constant.</summary>
    public int Immediate => _immediate;

    /// <summary>The instruction class.</summary>
    public BpfClass Class => (BpfClass)(_opcode & 0x07);

    /// <summary>Whether this slot is the first of a two-slot constant load.</summary>
    public bool IsWide => _opcode == LoadConstantOpcode;

    /// <summary>The same instruction with another immediate.</summary>
    public BpfInstruction WithImmediate(int immediate) => new(Opcode, Destination, Source, Offset, immediate);
}
