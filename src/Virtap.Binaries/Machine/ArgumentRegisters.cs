namespace Virtap.Binaries.Machine;

/// <summary>
/// The registers that hold a function's first arguments (integers and pointers) at its first instruction: rdi rsi rdx rcx r8 r9 (x86-64 psABI, 3.2.3), x0-x5 (AAPCS64, 6.4.2).
/// </summary>
public static class ArgumentRegisters
{
    /// <summary>How many arguments have a register on every architecture.</summary>
    public const int Count = 6;

    private static ReadOnlySpan<byte> X64 => [5, 4, 1, 2, 8, 9];

    /// <summary>The register of an argument.</summary>
    /// <param name="architecture">X64 or Arm64.</param>
    /// <param name="number">From 1 to <see cref="Count"/>.</param>
    public static MachineRegister Of(Architecture architecture, int number) => new(architecture, architecture == Architecture.Arm64 ? number - 1 : X64[number - 1]);
}
