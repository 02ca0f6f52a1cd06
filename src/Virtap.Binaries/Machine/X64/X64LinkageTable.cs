using System.Buffers.Binary;
using Virtap.Binaries.Elf;

namespace Virtap.Binaries.Machine.X64;

/// <summary>
/// The functions of libraries whose addresses the dynamic linker writes to words of the program, by word. Of a large program's relocations (QEMU has
/// 120,000) only those few are read: the table of the linkage table's own, and the end of the other, for linkers put relative ones first.
/// </summary>
internal sealed class X64LinkageTable(ElfFile file)
{
    private const int EntrySize = 24;
    private const uint GlobalData = 6, JumpSlot = 7, Relative = 8;

    private Dictionary<ulong, uint>? _symbols;

    /// <summary>The name of the function whose address is in a word; null where it is not one of a library.</summary>
    public string? NameIn(ulong word) => (_symbols ??= Read()).TryGetValue(word, out uint symbol) && symbol < file.DynamicSymbols.Count
        ? file.DynamicSymbols[(int)symbol].Name
        : null;

    private Dictionary<ulong, uint> Read()
    {
        Dictionary<ulong, uint> symbols = [];
        bool any = false;
        foreach (ElfSection section in file.Sections)
        {
            if (section.Type != ElfSectionType.RelocationsWithAddend || !section.IsLoaded)
                continue;
            any = true;
            ReadOnlySpan<byte> table = file.Contents(section);
            for (int at = table.Length / EntrySize * EntrySize - EntrySize; at >= 0; at -= EntrySize)
            {
                uint type = BinaryPrimitives.ReadUInt32LittleEndian(table[(at + 8)..]);
                if (type == Relative)
                    break;
                if (type is GlobalData or JumpSlot)
                    symbols[BinaryPrimitives.ReadUInt64LittleEndian(table[at..])] = BinaryPrimitives.ReadUInt32LittleEndian(table[(at + 12)..]);
            }
        }

        // Without section headers.
        for (int n = 0; !any && n < file.Relocations.All.Length; n++)
        {
            ElfRelocation relocation = file.Relocations.All[n];
            if (relocation.Kind is ElfRelocationKind.GlobalData or ElfRelocationKind.JumpSlot)
                symbols[relocation.Address] = relocation.SymbolIndex;
        }

        return symbols;
    }
}
