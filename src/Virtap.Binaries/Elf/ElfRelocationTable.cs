using System.Runtime.InteropServices;

namespace Virtap.Binaries.Elf;

/// <summary>
/// The relocations that the dynamic linker works through, found by the address of the place: global offset table and pointers in data.
/// </summary>
public sealed class ElfRelocationTable
{
    /// <summary>Bytes of an entry with addend (<c>Elf64_Rela</c>).</summary>
    private const int EntrySize = 24;

    // A file of 16 MB made of RELR bit maps of ones would stand for 130 million of these; QEMU has 60,000.
    private const int MaxPacked = 8_000_000;

    private readonly ElfRelocation[] _sorted;

    private ElfRelocationTable(List<ElfRelocation> relocations)
    {
        // Linkers put the relative ones first, in order; only what follows them has to be sorted and merged in.
        Span<ElfRelocation> all = CollectionsMarshal.AsSpan(relocations);
        int inOrder = Math.Min(1, all.Length);
        while (inOrder < all.Length && all[inOrder].Address >= all[inOrder - 1].Address)
            inOrder++;
        all[inOrder..].Sort((a, b) => a.Address.CompareTo(b.Address));
        _sorted = new ElfRelocation[all.Length];
        for (int n = 0, left = 0, right = inOrder; n < all.Length; n++)
            _sorted[n] = right == all.Length || (left < inOrder && all[left].Address <= all[right].Address) ? all[left++] : all[right++];
    }

    /// <summary>All of them in order of address.</summary>
    public ReadOnlySpan<ElfRelocation> All => _sorted;

    /// <summary>Finds what is written to a place.</summary>
    /// <param name="address">Link-time address of the place's first byte.</param>
    /// <param name="relocation">What goes there.</param>
    public bool TryFind(ulong address, out ElfRelocation relocation)
    {
        int low = 0, high = _sorted.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            int order = _sorted[middle].Address.CompareTo(address);
            if (order == 0)
            {
                relocation = _sorted[middle];
                return true;
            }

            if (order < 0)
                low = middle + 1;
            else
                high = middle - 1;
        }

        relocation = default;
        return false;
    }

    /// <summary>Reads the tables with addends, and the packed relative ones.</summary>
    internal static ElfRelocationTable Read(ElfFile file, IEnumerable<ElfRange> withAddend, ElfRange? packed)
    {
        List<ElfRelocation> relocations = [];
        foreach (ElfRange range in withAddend)
        {
            ReadOnlySpan<byte> table = file.Bytes(range);
            relocations.EnsureCapacity(relocations.Count + table.Length / EntrySize);
            for (int at = 0; at <= table.Length - EntrySize; at += EntrySize)
            {
                ulong info = ElfImage.Long(table, at + 8);
                relocations.Add(
                    new ElfRelocation(
                        ElfImage.Long(table, at), KindOf(file.Architecture, (uint)info), (uint)(info >> 32),
                        (long)ElfImage.Long(table, at + 16)));
            }
        }

        if (packed is ElfRange relr)
            Unpack(file, file.Bytes(relr), relocations);
        return new ElfRelocationTable(relocations);
    }

    /// <summary>
    /// RELR (System V gABI, 2022): an even word is the address of one place; an odd word is a bit map over the 63 words after the last
    /// place. The addend stands at the place itself.
    /// </summary>
    private static void Unpack(ElfFile file, ReadOnlySpan<byte> words, List<ElfRelocation> relocations)
    {
        ulong next = 0;
        int limit = relocations.Count + MaxPacked;
        for (int at = 0; at <= words.Length - 8 && relocations.Count < limit; at += 8)
        {
            ulong word = ElfImage.Long(words, at);
            if ((word & 1) == 0)
            {
                Add(word);
                next = word + 8;
                continue;
            }

            for (int bit = 0; bit < 63; bit++)
            {
                if ((word >> (bit + 1) & 1) != 0)
                    Add(next + (ulong)bit * 8);
            }

            next += 63 * 8;
        }

        void Add(ulong address)
        {
            ReadOnlySpan<byte> place = file.BytesAt(address, 8);
            if (place.Length == 8)
                relocations.Add(new ElfRelocation(address, ElfRelocationKind.Relative, 0, (long)ElfImage.Long(place, 0)));
        }
    }

    private static ElfRelocationKind KindOf(Architecture? architecture, uint type) => (architecture, type) switch
    {
        (Architecture.X64, 1) or (Architecture.Arm64, 257) => ElfRelocationKind.Absolute,
        (Architecture.X64, 6) or (Architecture.Arm64, 1025) => ElfRelocationKind.GlobalData,
        (Architecture.X64, 7) or (Architecture.Arm64, 1026) => ElfRelocationKind.JumpSlot,
        (Architecture.X64, 8) or (Architecture.Arm64, 1027) => ElfRelocationKind.Relative,
        (Architecture.X64, 37) or (Architecture.Arm64, 1032) => ElfRelocationKind.IndirectRelative,
        _ => ElfRelocationKind.Other,
    };
}
