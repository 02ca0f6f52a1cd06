using Iced.Intel;
using Virtap.Binaries.Elf;

namespace Virtap.Binaries.Functions;

/// <summary>
/// Which instructions uprobes take. Those of x86-64 with a segment's or the lock prefix the kernel refuses (<c>is_prefix_bad</c> in
/// arch/x86/kernel/uprobes.c): on a running process with an error, before it starts without one, and without any hit.
/// </summary>
public static class ProbeableInstruction
{
    private const int MaxLength = 15;

    /// <summary>Whether a probe can be put on an instruction.</summary>
    /// <param name="file">The file.</param>
    /// <param name="address">Link-time address of its first byte.</param>
    public static bool Is(ElfFile file, ulong address)
    {
        if (file.Architecture != Architecture.X64)
            return true;
        foreach (byte b in file.BytesAt(address, MaxLength))
        {
            switch (b)
            {
                case 0x26 or 0x2e or 0x36 or 0x3e or 0x64 or 0x65 or 0xf0:
                    return false;
                case 0x66 or 0x67 or 0xf2 or 0xf3:
                    continue;
                default:
                    return true;
            }
        }

        return true;
    }

    /// <summary>
    /// The instruction itself, or the first one behind it that always runs next and takes a probe; null where there is none.
    /// </summary>
    /// <param name="file">The file.</param>
    /// <param name="address">Link-time address of the instruction.</param>
    public static ulong? AtOrBehind(ElfFile file, ulong address)
    {
        const int maxSteps = 8;
        for (int step = 0; step < maxSteps; step++)
        {
            if (Is(file, address))
                return address;
            Decoder decoder = Decoder.Create(64, file.BytesAt(address, MaxLength).ToArray(), address);
            Instruction instruction = decoder.Decode();
            if (instruction.IsInvalid || instruction.FlowControl != FlowControl.Next)
                return null;
            address = instruction.NextIP;
        }

        return null;
    }
}
