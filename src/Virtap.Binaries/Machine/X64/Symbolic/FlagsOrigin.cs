namespace Virtap.Binaries.Machine.X64.Symbolic;

/// <summary>What kind of operation set the flags.</summary>
internal enum FlagsOrigin
{
    /// <summary>One that is not followed.</summary>
    Unknown,

    /// <summary>A subtraction or comparison: all conditions follow from its operands.</summary>
    Difference,

    /// <summary>A logical operation: carry and overflow are clear, the rest follows from its result.</summary>
    Logic,

    /// <summary>Another operation, of which zero and sign follow from its result.</summary>
    Result,
}
