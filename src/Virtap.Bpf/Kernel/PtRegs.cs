using System.Runtime.InteropServices;

namespace Virtap.Bpf.Kernel;

/// <summary>
/// Where a probe program finds the thread's registers in its context: <c>struct pt_regs</c> of x86-64 (arch/x86/include/asm/ptrace.h) and
/// <c>struct user_pt_regs</c> of arm64 (arch/arm64/include/uapi/asm/ptrace.h). Registers are numbered as DWARF numbers them.
/// </summary>
public static class PtRegs
{
    // rax rdx rcx rbx rsi rdi rbp rsp r8-r15, return address (in a probe: the instruction pointer).
    private static ReadOnlySpan<byte> X64 => [80, 96, 88, 40, 104, 112, 32, 152, 72, 64, 56, 48, 24, 16, 8, 0, 128];

    /// <summary>
    /// Stands for what DWARF has no number for: the number of the system call that the thread is in (<c>orig_ax</c>, <c>syscallno</c>).
    /// </summary>
    public const int SystemCall = 1000;

    /// <summary>The byte offset of a register in the context.</summary>
    /// <param name="architecture">X64 or Arm64.</param>
    /// <param name="dwarfRegister">
    /// x86-64: 0-15, 16 for the instruction pointer, 49 for the flags, 51 for cs, 52 for ss (System V psABI, figure 3.36); arm64: 0-30, 31
    /// for sp and 32 for pc.
    /// </param>
    /// <param name="offset">Bytes; eight are to be read there.</param>
    /// <returns>Whether the context holds that register (it holds no vector registers).</returns>
    public static bool TryGetOffset(Architecture architecture, int dwarfRegister, out int offset)
    {
        (bool held, offset) = architecture switch
        {
            Architecture.X64 when dwarfRegister >= 0 && dwarfRegister < X64.Length => (true, X64[dwarfRegister]),
            Architecture.X64 when dwarfRegister == SystemCall => (true, 120),
            Architecture.Arm64 when dwarfRegister == SystemCall => (true, 280),
            Architecture.X64 when dwarfRegister == 49 => (true, 144),
            Architecture.X64 when dwarfRegister == 51 => (true, 136),
            Architecture.X64 when dwarfRegister == 52 => (true, 160),
            Architecture.Arm64 when dwarfRegister is >= 0 and <= 32 => (true, dwarfRegister * 8),
            _ => (false, 0),
        };
        return held;
    }

    /// <summary>The offset of the instruction pointer.</summary>
    public static int InstructionPointer(Architecture architecture) => architecture == Architecture.Arm64 ? 256 : 128;

    /// <summary>The offset of the stack pointer.</summary>
    public static int StackPointer(Architecture architecture) => architecture == Architecture.Arm64 ? 248 : 152;
}
