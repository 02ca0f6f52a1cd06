using System.Runtime.InteropServices;
using Virtap.Binaries.Code.Symbolic;
using Virtap.Binaries.Elf;

namespace Virtap.Binaries.Code.Arm64;

/// <summary>
/// AArch64: instructions of four bytes. One (<c>adrp</c>) makes the address of a page of the image, another adds the distance in it, as a
/// part of a load or alone.
/// </summary>
internal sealed class Arm64InstructionSet : InstructionSet
{
    private const ulong InPage = 0xfff;

    /// <inheritdoc/>
    public override CallingConvention Convention => CallingConvention.Arm64;

    /// <inheritdoc/>
    public override DecodedFunction Decode(ulong start, ReadOnlySpan<byte> code, ElfFile? file) => new Arm64Function(start, code, file);

    /// <inheritdoc/>
    public override ReferenceSearch SearchFor(IReadOnlySet<ulong> targets) => new PageSearch(targets);

    /// <summary>Where an instruction leads if the one before it makes the address of a page for it.</summary>
    public override ulong? AddressTested(ElfFile file, ulong place)
    {
        ReadOnlySpan<uint> words = MemoryMarshal.Cast<byte, uint>(file.BytesAt(place - sizeof(uint), 2 * sizeof(uint)));
        if (words.Length < 2 || new Arm64Word(words[0]) is not { IsAddress: true } page)
            return null;
        Arm64Word user = new(words[1]);
        return page.Target == user.Left ? page.AddressAt(place - sizeof(uint)) + DistanceOf(user) : null;
    }

    /// <summary>The distance that an instruction adds to an address: <c>add</c>, or a load of two or eight bytes.</summary>
    private static ulong? DistanceOf(Arm64Word word)
    {
        if (word.Matches(0xffc00000, 0x91000000))
            return (ulong)word.Field(10, 12);
        if (word.Matches(0xffc00000, 0xf9400000))
            return (ulong)word.Field(10, 12) << 3;
        return word.Matches(0xffc00000, 0x79400000) ? (ulong)word.Field(10, 12) << 1 : null;
    }

    /// <summary>Finds the instructions that add the distance in a page, and functions that make the address of the page.</summary>
    private sealed class PageSearch : ReferenceSearch
    {
        private readonly bool[] _distances = new bool[InPage + 1];
        private readonly HashSet<ulong> _pages = [];

        public PageSearch(IReadOnlySet<ulong> targets)
        {
            foreach (ulong target in targets)
            {
                _distances[target & InPage] = true;
                _pages.Add(target & ~InPage);
            }
        }

        public override void Find(ReadOnlySpan<byte> code, ulong address, ICollection<ulong> found)
        {
            ReadOnlySpan<uint> words = MemoryMarshal.Cast<byte, uint>(code);
            for (int at = 0; at < words.Length; at++)
            {
                if (DistanceOf(new Arm64Word(words[at])) is { } distance && distance <= InPage && _distances[distance])
                    found.Add(address + (ulong)at * sizeof(uint));
            }
        }

        public override bool MayBeIn(ReadOnlySpan<byte> function, ulong start)
        {
            ReadOnlySpan<uint> words = MemoryMarshal.Cast<byte, uint>(function);
            for (int at = 0; at < words.Length; at++)
            {
                Arm64Word word = new(words[at]);
                if (word.IsAddress && _pages.Contains(word.AddressAt(start + (ulong)at * sizeof(uint)) & ~InPage))
                    return true;
            }

            return false;
        }
    }
}
