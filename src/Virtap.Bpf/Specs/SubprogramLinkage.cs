namespace Virtap.Bpf.Specs;

/// <summary>How the verifier treats a subprogram.</summary>
public enum SubprogramLinkage
{
    /// <summary>Verified anew at every call, with what is known of the arguments there. Callbacks must be static.</summary>
    Static = 0,

    /// <summary>
    /// Verified once, on its own, with nothing known of its numbers (5.6): keeps large programs within the instruction budget. Arguments are
    /// numbers or the context; the result is a number.
    /// </summary>
    Global = 1,
}
