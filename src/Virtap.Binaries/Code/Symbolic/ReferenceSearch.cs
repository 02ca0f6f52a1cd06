namespace Virtap.Binaries.Code.Symbolic;

/// <summary>
/// A search for code that refers to some addresses, without decoding it. None is left out; who decodes the code around what is found
/// knows which do.
/// </summary>
internal abstract class ReferenceSearch
{
    /// <summary>Finds places in code that may refer to one of the addresses.</summary>
    /// <param name="code">The code.</param>
    /// <param name="address">Its link-time address.</param>
    /// <param name="found">Receives the link-time address of each place, in order.</param>
    public abstract void Find(ReadOnlySpan<byte> code, ulong address, ICollection<ulong> found);

    /// <summary>
    /// Whether a function that has such a place may refer to one of the addresses; cheaper than to decode it.
    /// </summary>
    public virtual bool MayBeIn(ReadOnlySpan<byte> function, ulong start) => true;
}
