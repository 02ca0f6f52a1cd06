namespace Virtap.Virtio.Layouts.Code;

/// <summary>An unknown of a <see cref="LinearForm"/>.</summary>
internal abstract record LinearTerm
{
    private LinearTerm()
    {
    }

    /// <summary>The nth argument of the function, from 0.</summary>
    public sealed record Argument(int Index) : LinearTerm;

    /// <summary>How far the program is moved from its link-time addresses: an address in the image is this and its link-time address.</summary>
    public sealed record Bias : LinearTerm;

    /// <summary>The stack pointer on entry.</summary>
    public sealed record Stack : LinearTerm;

    /// <summary>What a call returned; every call is its own unknown.</summary>
    public sealed record Result(ulong CallSite) : LinearTerm;

    /// <summary>What memory held there.</summary>
    public sealed record Load(LinearForm Address, int Size) : LinearTerm;
}
