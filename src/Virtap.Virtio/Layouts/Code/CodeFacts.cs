namespace Virtap.Virtio.Layouts.Code;

/// <summary>What was seen on the paths through a function.</summary>
internal sealed class CodeFacts
{
    /// <summary>Values returned, in the order the paths were walked: the one that jumps least first.</summary>
    public List<LinearForm> Returns { get; } = [];

    /// <summary>Loads from memory, not from the stack.</summary>
    public List<LinearTerm.Load> Loads { get; } = [];

    /// <summary>Stores to memory, not to the stack. The value is null where it is of no linear form.</summary>
    public List<(LinearForm Address, int Size, LinearForm? Value)> Stores { get; } = [];

    /// <summary>Tests of one bit of memory: the byte's address and the bit's number, 0 to 7.</summary>
    public List<(LinearForm Byte, int Bit)> BitTests { get; } = [];
}
