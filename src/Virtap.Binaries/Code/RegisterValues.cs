using System.Buffers.Binary;

namespace Virtap.Binaries.Code;

/// <summary>
/// What the general registers of a thread hold at one place, by their DWARF numbers (<see cref="MachineRegister"/>); what a register held
/// in a caller may not be known any more.
/// </summary>
public sealed class RegisterValues
{
    // r15-r12, rbp, rbx, r11-r8, rax, rcx, rdx, rsi, rdi, (the system call), rip, cs, flags, rsp, ss.
    private static readonly byte[] s_kernelWordsX64 = [10, 12, 11, 5, 13, 14, 4, 19, 9, 8, 7, 6, 3, 2, 1, 0, 16];

    private readonly ulong[] _values;
    private ulong _known;

    /// <summary>None is known yet.</summary>
    public RegisterValues(Architecture architecture)
    {
        Architecture = architecture;
        _values = new ulong[CountOf(architecture)];
    }

    private RegisterValues(RegisterValues other)
    {
        (Architecture, _known) = (other.Architecture, other._known);
        _values = [.. other._values];
    }

    /// <summary>The processor.</summary>
    public Architecture Architecture { get; }

    /// <summary>How many registers it has, with the instruction pointer, which is the last.</summary>
    public int Count => _values.Length;

    /// <summary>The DWARF number of the instruction pointer (on x86-64 that of the return address).</summary>
    public int InstructionPointerNumber => _values.Length - 1;

    /// <summary>The DWARF number of the stack pointer.</summary>
    public int StackPointerNumber => Architecture == Architecture.X64 ? 7 : 31;

    /// <summary>The DWARF number of the frame pointer: rbp, x29.</summary>
    public int FramePointerNumber => Architecture == Architecture.X64 ? 6 : 29;

    /// <summary>The instruction pointer; 0 where it is not known.</summary>
    public ulong InstructionPointer => this[InstructionPointerNumber] ?? 0;

    /// <summary>The stack pointer; 0 where it is not known.</summary>
    public ulong StackPointer => this[StackPointerNumber] ?? 0;

    /// <summary>What a register holds; null where that is not known, or there is no such register.</summary>
    public ulong? this[int number]
    {
        get => (uint)number < (uint)_values.Length && (_known >> number & 1) != 0 ? _values[number] : null;
        set
        {
            if ((uint)number >= (uint)_values.Length)
                return;
            _values[number] = value ?? 0;
            _known = value is null ? _known & ~(1ul << number) : _known | 1ul << number;
        }
    }

    /// <summary>
    /// Registers as Linux hands them out for a stopped thread, in a core and to a probe: the first words of struct user_regs_struct and of
    /// struct pt_regs (arch/x86), struct user_pt_regs (arch/arm64).
    /// </summary>
    /// <param name="architecture">The processor.</param>
    /// <param name="bytes">The structure; what lies beyond <see cref="KernelBytes"/> does not matter.</param>
    /// <returns>Null where there are fewer bytes.</returns>
    public static RegisterValues? OfKernel(Architecture architecture, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < KernelBytes(architecture))
            return null;
        var registers = new RegisterValues(architecture);
        for (int number = 0; number < registers.Count; number++)
        {
            int word = architecture == Architecture.X64 ? s_kernelWordsX64[number] : number;
            registers[number] = BinaryPrimitives.ReadUInt64LittleEndian(bytes[(word * sizeof(ulong))..]);
        }

        return registers;
    }

    /// <summary>How many bytes of the kernel's structure hold the general registers.</summary>
    public static int KernelBytes(Architecture architecture) => (architecture == Architecture.X64 ? 21 : 33) * sizeof(ulong);

    /// <summary>How many general registers a processor has, with the instruction pointer.</summary>
    public static int CountOf(Architecture architecture) => architecture == Architecture.X64 ? 17 : 33;

    /// <summary>The same values, to be changed.</summary>
    public RegisterValues Copy() => new(this);
}

/// <summary>Reads a target's memory: fills all of the buffer, or says that it cannot.</summary>
public delegate bool MemoryReader(ulong address, Span<byte> buffer);
