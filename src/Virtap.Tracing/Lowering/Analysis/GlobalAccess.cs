namespace Virtap.Tracing.Lowering.Analysis;

/// <summary>What a body does to a global.</summary>
[Flags]
internal enum GlobalAccess
{
    None = 0,

    Read = 1,

    /// <summary>Changes it in a way that matters to others who change it. Sorting an array counts: it changes the order.</summary>
    Write = 2,

    /// <summary>Adds a number to it and does not look at the result.</summary>
    Add = 4,
}
