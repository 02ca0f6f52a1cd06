namespace Virtap.Binaries.Code;

/// <summary>
/// The registers that hold a function's first arguments (integers and pointers) at its first instruction: rdi rsi rdx rcx r8 r9 (x86-64
/// psABI, 3.2.3), x0-x5 (AAPCS64, 6.4.2).
/// </summary>
public static class ArgumentRegisters
{
    /// <summary>How many arguments have a register on every architecture.</summary>
    public const int Count = 6;

    /// <summary>The register of an argument.</summary>
    /// <param name="architecture">X64 or Arm64.</param>
    /// <param name="number">From 1 to <see cref="Count"/>.</param>
    public static MachineRegister Of(Architecture architecture, int number)
    {
        CallingConvention convention = CallingConvention.Of(architecture);
        return convention.ValueOf(convention.Arguments[number - 1]).Register;
    }

    /// <summary>The number of the argument that a register holds, from 1 to <see cref="Count"/>; null for another register.</summary>
    public static int? NumberOf(MachineRegister register)
    {
        for (int number = 1; number <= Count; number++)
        {
            if (Of(register.Architecture, number) == register)
                return number;
        }

        return null;
    }
}
