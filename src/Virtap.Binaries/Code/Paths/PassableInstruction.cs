using System.Buffers.Binary;
using Iced.Intel;
using Virtap.Binaries.Code.X64;

namespace Virtap.Binaries.Code.Paths;

/// <summary>What an instruction does that a tracer can do in a thread's place.</summary>
public enum PassableKind
{
    /// <summary>Nothing: a place for a probe, a landing pad.</summary>
    Nothing,

    /// <summary>A general register goes onto the stack.</summary>
    Push,

    /// <summary>Back to the address on the stack.</summary>
    Return,
}

/// <summary>
/// An instruction that probes often stand at, and that takes no processor to be done: where marks are, where functions begin and return.
/// </summary>
/// <param name="Kind">What it does.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Register">What it pushes, by its DWARF number.</param>
/// <param name="Released">What a return takes from the stack beside the address: bytes.</param>
public readonly record struct PassableInstruction(PassableKind Kind, int Length, int Register = 0, int Released = 0)
{
    /// <summary>The longest instruction there is.</summary>
    public const int MaxBytes = 15;

    /// <summary>Reads an instruction; null where it does anything else, or is not whole.</summary>
    /// <param name="architecture">The processor.</param>
    /// <param name="code">The instruction, and what is behind it.</param>
    public static PassableInstruction? Find(Architecture architecture, ReadOnlySpan<byte> code) => architecture switch
    {
        Architecture.X64 => FindX64(code),
        Architecture.Arm64 => FindArm64(code),
        _ => null,
    };

    private static PassableInstruction? FindX64(ReadOnlySpan<byte> code)
    {
        var decoder = Decoder.Create(64, new ByteArrayCodeReader(code.ToArray()));
        Instruction instruction = decoder.Decode();
        return instruction.Code switch
        {
            Iced.Intel.Code.Nopd or Iced.Intel.Code.Nopq or Iced.Intel.Code.Nopw or Iced.Intel.Code.Nop_rm16 or Iced.Intel.Code.Nop_rm32
                or Iced.Intel.Code.Nop_rm64 or Iced.Intel.Code.Endbr64 => new(PassableKind.Nothing, instruction.Length),
            Iced.Intel.Code.Push_r64 => new(PassableKind.Push, instruction.Length,
                CallingConvention.X64.ValueOf(X64Registers.NumberOf(instruction.Op0Register)).Register.DwarfNumber),
            Iced.Intel.Code.Retnq => new(PassableKind.Return, instruction.Length),
            Iced.Intel.Code.Retnq_imm16 => new(PassableKind.Return, instruction.Length, Released: instruction.Immediate16),
            _ => null,
        };
    }

    private static PassableInstruction? FindArm64(ReadOnlySpan<byte> code)
    {
        // nop, and the landing pads bti, bti c, bti j, bti jc.
        const int bytes = sizeof(uint);
        return code.Length >= bytes && BinaryPrimitives.ReadUInt32LittleEndian(code)
            is 0xd503201f or 0xd503241f or 0xd503245f or 0xd503249f or 0xd50324df ? new(PassableKind.Nothing, bytes) : null;
    }
}
