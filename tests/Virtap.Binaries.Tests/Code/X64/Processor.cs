using System.Runtime.InteropServices;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Virtap.Binaries.Tests.Code.X64;

/// <summary>
/// Runs instructions on the processor that runs the test, with chosen registers, a stack and a buffer of their own. r14 and r15 are taken.
/// </summary>
internal sealed unsafe partial class Processor : IDisposable
{
    /// <summary>Bytes of the stack, the pointer in the middle at first; and of the buffer.</summary>
    public const int StackSize = 512, BufferSize = 256;

    private const int CodeSize = 1 << 16;
    private const int ReadWriteExecute = 7, PrivateAnonymous = 0x22;

    private static readonly AssemblerRegister64[] s_registers = [rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13];

    private readonly byte* _memory = (byte*)Map(0, CodeSize + StackSize + BufferSize, ReadWriteExecute, PrivateAnonymous, -1, 0);

    /// <summary>Address of the stack's lowest byte.</summary>
    public ulong Stack => (ulong)_memory + CodeSize;

    /// <summary>Address of the buffer.</summary>
    public ulong Buffer => Stack + StackSize;

    /// <summary>Stack and buffer, one after the other.</summary>
    public Span<byte> Memory => new(_memory + CodeSize, StackSize + BufferSize);

    /// <summary>Runs instructions.</summary>
    /// <param name="instructions">None of them jumps.</param>
    /// <param name="registers">Values by the processor's numbers, before and after.</param>
    public void Run(IEnumerable<Instruction> instructions, Span<ulong> registers)
    {
        var assembler = new Assembler(64);
        foreach (AssemblerRegister64 saved in (ReadOnlySpan<AssemblerRegister64>)[rbx, rbp, r12, r13, r14, r15])
            assembler.push(saved);
        assembler.mov(r15, rdi);
        assembler.mov(r14, rsp);
        for (int n = 0; n < s_registers.Length; n++)
            assembler.mov(s_registers[n], __[r15 + n * 8]);
        foreach (Instruction instruction in instructions)
            assembler.AddInstruction(instruction);
        for (int n = 0; n < s_registers.Length; n++)
            assembler.mov(__[r15 + n * 8], s_registers[n]);
        assembler.mov(rsp, r14);
        foreach (AssemblerRegister64 saved in (ReadOnlySpan<AssemblerRegister64>)[r15, r14, r13, r12, rbp, rbx])
            assembler.pop(saved);
        assembler.ret();

        var code = new MemoryStream();
        assembler.Assemble(new StreamCodeWriter(code), (ulong)_memory);
        code.ToArray().CopyTo(new Span<byte>(_memory, CodeSize));
        fixed (ulong* first = registers)
            ((delegate* unmanaged<ulong*, void>)_memory)(first);
    }

    public void Dispose() => _ = Unmap((nint)_memory, CodeSize + StackSize + BufferSize);

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);
}
