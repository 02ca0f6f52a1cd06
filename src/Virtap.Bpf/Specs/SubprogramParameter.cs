namespace Virtap.Bpf.Specs;

/// <summary>What a subprogram's parameter is.</summary>
public enum SubprogramParameter
{
    /// <summary>A 64-bit number.</summary>
    Number,

    /// <summary>The program's context pointer.</summary>
    Context,
}
