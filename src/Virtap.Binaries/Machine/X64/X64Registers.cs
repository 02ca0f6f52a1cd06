using Iced.Intel;

namespace Virtap.Binaries.Machine.X64;

/// <summary>General registers: Iced's names, the processor's numbers (rax 0, rcx 1, rdx 2, rbx 3, rsp 4, rbp 5, rsi 6, rdi 7, r8 ...) and DWARF's.</summary>
internal static class X64Registers
{
    public const int Count = 16;
    public const int Rax = 0, Rcx = 1, Rdx = 2, Rsp = 4, Rbp = 5, Rsi = 6, Rdi = 7, R8 = 8, R9 = 9, R10 = 10, R11 = 11;

    private static readonly MachineExpression[] Values = [.. ((ReadOnlySpan<int>)[0, 2, 1, 3, 7, 6, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15]).ToArray()
        .Select(number => new RegisterValue(new MachineRegister(Architecture.X64, number)))];

    /// <summary>The registers in which integer arguments travel, in order (System V psABI for AMD64, 3.2.3).</summary>
    public static ReadOnlySpan<int> Arguments => [Rdi, Rsi, Rdx, Rcx, R8, R9];

    /// <summary>The registers whose contents a call may destroy.</summary>
    public static ReadOnlySpan<int> CallerSaved => [Rax, Rcx, Rdx, Rsi, Rdi, R8, R9, R10, R11];

    /// <summary>What a register holds at the probe site.</summary>
    public static MachineExpression ValueOf(int number) => Values[number];

    /// <summary>The processor's number of a general register of any width; -1 for another kind.</summary>
    public static int NumberOf(Register register)
    {
        if (!register.IsGPR())
            return -1;
        return register.GetFullRegister() - Register.RAX;
    }

    /// <summary>Iced's name of a register.</summary>
    public static Register NameOf(RegisterValue register) => Register.RAX + Array.IndexOf(Values, register);

    /// <summary>Whether it is the second byte of a register: ah, ch, dh, bh.</summary>
    public static bool IsHighByte(Register register) => register is Register.AH or Register.CH or Register.DH or Register.BH;
}
