using System.Collections.Immutable;

namespace Virtap.Bpf.Specs;

/// <summary>A function within a program.</summary>
/// <param name="Name">Its name; the first is the program's own.</param>
/// <param name="Start">Its first slot.</param>
/// <param name="Linkage">How it is verified.</param>
/// <param name="Parameters">At most five.</param>
public sealed record Subprogram(string Name, int Start, SubprogramLinkage Linkage, ImmutableArray<SubprogramParameter> Parameters);

/// <summary>How the verifier treats a subprogram.</summary>
public enum SubprogramLinkage
{
    /// <summary>Verified anew at every call, with what is known of the arguments there. Callbacks must be static.</summary>
    Static = 0,

    /// <summary>
    /// Verified once, on its own, with nothing known of its numbers (5.6): keeps large programs within the instruction budget. Arguments
    /// are numbers or the context; the result is a number.
    /// </summary>
    Global = 1,
}

/// <summary>What a subprogram's parameter is.</summary>
public enum SubprogramParameter
{
    /// <summary>A 64-bit number.</summary>
    Number,

    /// <summary>The program's context pointer.</summary>
    Context,
}
