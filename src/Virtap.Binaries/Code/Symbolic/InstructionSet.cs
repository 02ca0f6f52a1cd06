using Virtap.Binaries.Elf;

namespace Virtap.Binaries.Code.Symbolic;

/// <summary>What is to be known of a processor in order to read its code.</summary>
internal abstract class InstructionSet
{
    /// <summary>Its registers, and what compilers agree on about them.</summary>
    public abstract CallingConvention Convention { get; }

    /// <summary>Decodes a function.</summary>
    /// <param name="start">Its link-time address.</param>
    /// <param name="code">Its bytes, of which no more than <see cref="DecodedFunction.MaxLength"/> are looked at.</param>
    /// <param name="file">The file, for the tables by which it jumps; null if those do not matter.</param>
    public abstract DecodedFunction Decode(ulong start, ReadOnlySpan<byte> code, ElfFile? file);

    /// <summary>
    /// Finds places in code that may refer to an address, without decoding it. None is left out; who decodes the code around them knows
    /// which do.
    /// </summary>
    /// <param name="code">The code.</param>
    /// <param name="address">Its link-time address.</param>
    /// <param name="targets">The addresses; not empty.</param>
    /// <param name="found">Receives the link-time address of each place, in order.</param>
    public abstract void FindReferences(ReadOnlySpan<byte> code, ulong address, IReadOnlySet<ulong> targets, ICollection<ulong> found);

    /// <summary>
    /// Whether a function that has such a place may refer to one of the addresses; cheaper than to decode it.
    /// </summary>
    public abstract bool MayRefer(ReadOnlySpan<byte> function, ulong start, IReadOnlySet<ulong> targets);

    /// <summary>
    /// The address to which such a place refers, where it is in no known function but looks like code that tests something.
    /// </summary>
    public abstract ulong? AddressTested(ElfFile file, ulong place);
}
