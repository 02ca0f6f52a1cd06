namespace Virtap.Binaries.Dwarf.Frames;

/// <summary>Where the frame of a function begins: a register and a distance, or bytes of an expression.</summary>
/// <param name="Register">The register by its DWARF number; -1 for an expression.</param>
/// <param name="Offset">Bytes from what it holds.</param>
/// <param name="Expression">The expression.</param>
internal readonly record struct CfaRule(int Register, long Offset, ReadOnlyMemory<byte> Expression)
{
    /// <summary>Nobody has said.</summary>
    public static CfaRule Unknown { get; } = new(-1, 0, default);

    /// <summary>Whether somebody has said.</summary>
    public bool IsKnown => Register >= 0 || !Expression.IsEmpty;
}

/// <summary>How what a register held in the caller is found (DWARF 5, 6.4.1).</summary>
internal enum RegisterRuleKind : byte
{
    /// <summary>Nobody has said: as the calling convention has it.</summary>
    Unspecified,

    /// <summary>It cannot be found.</summary>
    Undefined,

    /// <summary>It has not been changed.</summary>
    SameValue,

    /// <summary>In memory, at a distance from the frame.</summary>
    Saved,

    /// <summary>It is the frame's address and a distance.</summary>
    ValueOffset,

    /// <summary>In another register.</summary>
    Register,

    /// <summary>In memory, where an expression says.</summary>
    Expression,

    /// <summary>An expression's value.</summary>
    ValueExpression,
}

/// <summary>A rule for a register.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Number">A distance in bytes, or a register's number.</param>
/// <param name="Bytes">The expression.</param>
internal readonly record struct RegisterRule(RegisterRuleKind Kind, long Number = 0, ReadOnlyMemory<byte> Bytes = default);

/// <summary>All rules for one place in the code: a row of the table that call frame information stands for.</summary>
internal sealed class UnwindRow
{
    /// <summary>Where the frame begins.</summary>
    public required CfaRule Cfa { get; init; }

    /// <summary>The rules by register; those beyond the end nobody has said.</summary>
    public required RegisterRule[] Rules { get; init; }

    /// <summary>The register that stands for the return address.</summary>
    public required int ReturnRegister { get; init; }

    /// <summary>
    /// Whether it is the frame of a signal's handler's caller (augmentation <c>S</c>): its return address is where the thread was
    /// interrupted.
    /// </summary>
    public required bool IsSignalFrame { get; init; }

    /// <summary>The rule of a register.</summary>
    public RegisterRule this[int register] => (uint)register < (uint)Rules.Length ? Rules[register] : default;
}
