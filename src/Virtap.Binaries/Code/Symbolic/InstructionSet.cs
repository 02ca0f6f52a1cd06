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

    /// <summary>Prepares a search for code that refers to addresses.</summary>
    /// <param name="targets">The addresses; not empty.</param>
    public abstract ReferenceSearch SearchFor(IReadOnlySet<ulong> targets);

    /// <summary>
    /// The address to which a place that was found refers, where it is in no known function but looks like code that tests something.
    /// </summary>
    public abstract ulong? AddressTested(ElfFile file, ulong place);
}
