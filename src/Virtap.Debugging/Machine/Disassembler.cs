using System.Buffers.Binary;
using System.Globalization;
using Iced.Intel;
using Virtap.Binaries;
using Virtap.Processes.Memory;

namespace Virtap.Debugging.Machine;

/// <summary>An instruction.</summary>
/// <param name="Address">Its run-time address.</param>
/// <param name="Bytes">Its bytes.</param>
/// <param name="Text">In the notation of AT&amp;T, as gdb writes it by default; addresses have the symbols that they lie in.</param>
public sealed record MachineInstruction(ulong Address, ReadOnlyMemory<byte> Bytes, string Text);

/// <summary>Machine code of x86-64 as text; that of aarch64 is not decoded, and shown as the words that it consists of.</summary>
/// <param name="architecture">The processor that it is for.</param>
/// <param name="memory">The memory that has it.</param>
/// <param name="nameOf">The symbol that an address lies in, as text; null for none.</param>
public sealed class Disassembler(Architecture architecture, TargetMemory memory, Func<ulong, string?> nameOf)
{
    private const int MaxBytes = 15, MnemonicColumns = 7;

    private readonly GasFormatter _formatter = new(new FormatterOptions
    {
        FirstOperandCharIndex = MnemonicColumns, SpaceAfterOperandSeparator = false, UppercaseHex = false, HexPrefix = "0x", HexSuffix = "",
        SmallHexNumbersInDecimal = false, ShowBranchSize = false, RipRelativeAddresses = true, GasShowMnemonicSizeSuffix = false,
        BranchLeadingZeros = false, GasSpaceAfterMemoryOperandComma = false, SignedImmediateOperands = false,
    });

    /// <summary>The instruction at an address; null where there is no memory.</summary>
    public MachineInstruction? At(ulong address)
    {
        byte[] bytes = new byte[MaxBytes];
        int length = memory.Read(address, bytes);
        if (architecture == Architecture.Arm64)
            return length < sizeof(uint) ? null : Word(address, bytes.AsMemory(0, sizeof(uint)));
        if (length == 0)
            return null;
        var decoder = Decoder.Create(64, new ByteArrayCodeReader(bytes, 0, length));
        decoder.IP = address;
        decoder.Decode(out Instruction instruction);
        if (instruction.IsInvalid)
            return new MachineInstruction(address, bytes.AsMemory(0, 1), "(bad)");
        var output = new StringOutput();
        _formatter.Format(instruction, output);
        string text = output.ToString();
        if (instruction.IsIPRelativeMemoryOperand)
            text += $"        # {Named(instruction.IPRelativeMemoryAddress)}";
        else if (instruction.FlowControl is FlowControl.Call or FlowControl.ConditionalBranch or FlowControl.UnconditionalBranch
            && instruction.NearBranchTarget is > 0 and var target && nameOf(target) is { } name)
            text += $" {name}";
        return new MachineInstruction(address, bytes.AsMemory(0, instruction.Length), text.TrimEnd());
    }

    // As assemblers write an instruction that they have no name for.
    private static MachineInstruction Word(ulong address, ReadOnlyMemory<byte> bytes) => new(
        address, bytes,
        string.Create(CultureInfo.InvariantCulture, $".inst  0x{BinaryPrimitives.ReadUInt32LittleEndian(bytes.Span):x8} ; not decoded"));

    private string Named(ulong address)
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"0x{address:x}");
        return nameOf(address) is { } name ? $"{text} {name}" : text;
    }
}
