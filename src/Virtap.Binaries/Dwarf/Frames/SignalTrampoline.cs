using System.Buffers.Binary;
using Virtap.Binaries.Code;

namespace Virtap.Binaries.Dwarf.Frames;

/// <summary>
/// The code that a signal's handler returns to, where nothing describes it: it calls rt_sigreturn(2), and above its stack pointer lies
/// what the kernel saved when it interrupted the thread (struct rt_sigframe of arch/x86 and arch/arm64, kernel/signal.c).
/// </summary>
internal static class SignalTrampoline
{
    // struct ucontext: flags, link and stack (40 bytes) before the registers. On arm64 a siginfo (128) stands before it, and the signal
    // mask (with room for more, 128) and what aligns to 16 bytes behind the stack; then the address of a fault.
    private const ulong X64Registers = 40, Arm64Registers = 128 + 176 + 8;
    private const int Arm64Count = 33;

    // struct sigcontext, in its order: r8-r15, rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip.
    private static ReadOnlySpan<byte> X64Order => [8, 9, 10, 11, 12, 13, 14, 15, 5, 4, 6, 3, 1, 0, 2, 7, 16];

    // mov $15,%rax; syscall.
    private static ReadOnlySpan<byte> X64Code => [0x48, 0xc7, 0xc0, 0x0f, 0, 0, 0, 0x0f, 0x05];

    // mov x8,#139; svc #0.
    private static ReadOnlySpan<byte> Arm64Code => [0x68, 0x11, 0x80, 0xd2, 0x01, 0, 0, 0xd4];

    /// <summary>What the interrupted code had in its registers; null where a frame is no such code's.</summary>
    public static RegisterValues? Interrupted(RegisterValues registers, MemoryReader memory)
    {
        bool isX64 = registers.Architecture == Architecture.X64;
        ReadOnlySpan<byte> expected = isX64 ? X64Code : Arm64Code;
        Span<byte> code = stackalloc byte[expected.Length];
        if (!memory(registers.InstructionPointer, code) || !code.SequenceEqual(expected))
            return null;
        int count = isX64 ? X64Order.Length : Arm64Count;
        Span<byte> saved = stackalloc byte[Arm64Count * sizeof(ulong)];
        saved = saved[..(count * sizeof(ulong))];
        if (!memory(registers.StackPointer + (isX64 ? X64Registers : Arm64Registers), saved))
            return null;
        var interrupted = new RegisterValues(registers.Architecture);
        for (int n = 0; n < count; n++)
            interrupted[isX64 ? X64Order[n] : n] = BinaryPrimitives.ReadUInt64LittleEndian(saved[(n * sizeof(ulong))..]);
        return interrupted;
    }
}
