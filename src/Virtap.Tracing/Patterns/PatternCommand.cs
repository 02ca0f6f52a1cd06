namespace Virtap.Tracing.Patterns;

/// <summary>What a machine does with registers between two bytes of a text.</summary>
internal enum PatternOperation
{
    /// <summary>Ends a list of commands.</summary>
    None,

    /// <summary>To = From.</summary>
    Move,

    /// <summary>To = the number of bytes taken.</summary>
    Set,

    /// <summary>To = -1.</summary>
    Clear,

    /// <summary>
    /// A match that begins at From has been found: it counts if it is the first, or begins where the one that counts does and is longer.
    /// If not, Skip commands are left out.
    /// </summary>
    Accept,
}

/// <summary>
/// A command, packed into a word: the operation in the low 8 bits, then 16 for each of To, From and Skip. Registers 0 and 1 are where the
/// match begins and ends, then come those of its groups; -1 where there is none.
/// </summary>
internal readonly record struct PatternCommand(PatternOperation Operation, int To = 0, int From = 0, int Skip = 0)
{
    public const int ToAt = 8, FromAt = 24, SkipAt = 40;

    public long Pack() => (long)Operation | ((long)To << ToAt) | ((long)From << FromAt) | ((long)Skip << SkipAt);

    public static PatternCommand Unpack(long word) =>
        new((PatternOperation)(word & 0xff), (int)(word >> ToAt) & 0xffff, (int)(word >> FromAt) & 0xffff, (int)(word >> SkipAt) & 0xffff);
}
