namespace Virtap.Binaries.Code;

/// <summary>
/// A processor's general registers, numbered as its instructions number them, and what compilers agree on about them:
/// System V psABI for AMD64, 3.2; AAPCS64, 6.1.
/// </summary>
internal sealed class CallingConvention
{
    private readonly RegisterValue[] _registers;

    private CallingConvention(Architecture architecture, ReadOnlySpan<int> dwarfNumbers)
    {
        _registers = new RegisterValue[dwarfNumbers.Length];
        for (int number = 0; number < _registers.Length; number++)
            _registers[number] = new RegisterValue(new MachineRegister(architecture, dwarfNumbers[number]));
    }

    /// <summary>rax 0, rcx 1, rdx 2, rbx 3, rsp 4, rbp 5, rsi 6, rdi 7, r8 ...</summary>
    public static CallingConvention X64 { get; } = new(Architecture.X64, [0, 2, 1, 3, 7, 6, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15])
    {
        Result = 0,
        StackPointer = 4,
        FramePointer = 5,
        Arguments = [7, 6, 2, 1, 8, 9],
        CallerSaved = [0, 1, 2, 6, 7, 8, 9, 10, 11],
        Vectors = 16,
        PassedOnStackAt = 8,
    };

    /// <summary>x0 to x30, and sp as 31. Vector registers are not followed.</summary>
    public static CallingConvention Arm64 { get; } = new(Architecture.Arm64, [.. Enumerable.Range(0, 32)])
    {
        Result = 0,
        StackPointer = 31,
        FramePointer = 29,
        Arguments = [0, 1, 2, 3, 4, 5, 6, 7],
        CallerSaved = [.. Enumerable.Range(0, 19), 30],
        Vectors = 0,
        PassedOnStackAt = 0,
    };

    /// <summary>The convention of an architecture on Linux.</summary>
    public static CallingConvention Of(Architecture architecture) => architecture == Architecture.X64 ? X64 : Arm64;

    /// <summary>How many general registers there are.</summary>
    public int Count => _registers.Length;

    /// <summary>How many vector registers are followed.</summary>
    public required int Vectors { get; init; }

    /// <summary>The register of what a function returns.</summary>
    public required int Result { get; init; }

    public required int StackPointer { get; init; }

    /// <summary>
    /// How far above the stack pointer a function finds the arguments that are not in registers: behind a return address.
    /// </summary>
    public required int PassedOnStackAt { get; init; }

    public required int FramePointer { get; init; }

    /// <summary>The registers in which integer arguments travel, in order.</summary>
    public required IReadOnlyList<int> Arguments { get; init; }

    /// <summary>The registers whose contents a call may destroy.</summary>
    public required IReadOnlyList<int> CallerSaved { get; init; }

    /// <summary>What a register holds where the executor began.</summary>
    public RegisterValue ValueOf(int register) => _registers[register];

    /// <summary>The number of the register that a value is; -1 where it is none of this processor's.</summary>
    public int NumberOf(RegisterValue register) => Array.IndexOf(_registers, register);
}
