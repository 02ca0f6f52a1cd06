using System.Buffers.Binary;
using Virtap.Binaries.Code.X64;
using Virtap.Binaries.Elf;

namespace Virtap.Binaries.Functions;

/// <summary>An entry of a procedure linkage table: what a program calls to reach another file's function.</summary>
/// <param name="Name">The function's name.</param>
/// <param name="Address">Link-time address of the entry.</param>
/// <param name="ProbeAddress">Its first instruction that takes a probe.</param>
public readonly record struct LinkageEntry(string Name, ulong Address, ulong ProbeAddress);

/// <summary>
/// The procedure linkage tables of a file (<c>.plt</c>, <c>.plt.sec</c>, <c>.plt.got</c>). An entry is known by the jump through its place
/// in the global offset table, and that place by what the dynamic linker writes there.
/// </summary>
public static class LinkageTable
{
    private const int DefaultEntryBytes = 16, MaxEntryBytes = 64, MaxTableBytes = 1 << 24;

    // A64: adrp x16, page; ldr x17, [x16, #offset]; and what stands before them where branches have targets: bti c.
    private const uint AdrpMask = 0x9f00001f, AdrpX16 = 0x90000010, LoadMask = 0xffc003ff, LoadX17 = 0xf9400211, BranchTarget = 0xd503245f;

    private static readonly string[] s_sections = [".plt", ".plt.sec", ".plt.got"];

    /// <summary>The entries in order of address.</summary>
    /// <exception cref="ElfFormatException">The file's symbols are damaged.</exception>
    public static IReadOnlyList<LinkageEntry> Read(ElfFile file)
    {
        List<LinkageEntry> entries = [];
        foreach (ElfSection section in file.Sections.Where(static section => s_sections.Contains(section.Name)))
        {
            ReadOnlySpan<byte> code = file.BytesAt(section.Address, (int)Math.Min(section.Size, MaxTableBytes));
            if (file.Architecture == Architecture.Arm64)
                ReadArm64(file, section.Address, code, entries);
            else if (file.Architecture == Architecture.X64)
                ReadX64(file, section.Address, code, EntryBytes(section), entries);
        }

        entries.Sort(static (a, b) => a.Address.CompareTo(b.Address));
        return entries;
    }

    private static int EntryBytes(ElfSection section) =>
        section.EntrySize is > 0 and <= MaxEntryBytes ? (int)section.EntrySize : DefaultEntryBytes;

    private static void ReadX64(ElfFile file, ulong start, ReadOnlySpan<byte> code, int entryBytes, List<LinkageEntry> entries)
    {
        for (int at = 0; at + entryBytes <= code.Length; at += entryBytes)
        {
            ReadOnlySpan<byte> entry = code.Slice(at, entryBytes);
            int jump = entry.StartsWith(X64Prologue.EndBranch) ? X64Prologue.EndBranch.Length : 0;
            if (jump < entry.Length && entry[jump] == 0xf2)
                jump++;
            // jmp *displacement(%rip)
            if (jump + 6 > entry.Length || entry[jump] != 0xff || entry[jump + 1] != 0x25)
                continue;
            ulong address = start + (ulong)at, next = address + (ulong)jump + 6;
            Add(file, address, next + (ulong)BinaryPrimitives.ReadInt32LittleEndian(entry[(jump + 2)..]), entries);
        }
    }

    private static void ReadArm64(ElfFile file, ulong start, ReadOnlySpan<byte> code, List<LinkageEntry> entries)
    {
        for (int at = 0; at + 8 <= code.Length; at += 4)
        {
            uint page = BinaryPrimitives.ReadUInt32LittleEndian(code[at..]);
            uint load = BinaryPrimitives.ReadUInt32LittleEndian(code[(at + 4)..]);
            if ((page & AdrpMask) != AdrpX16 || (load & LoadMask) != LoadX17)
                continue;
            ulong address = start + (ulong)at;
            // 21 bits with a sign: two below nineteen.
            int pages = (int)(((page >> 5 & 0x7ffff) << 2 | (page >> 29 & 3)) << 11) >> 11;
            ulong slot = (address & ~0xffful) + (ulong)((long)pages << 12) + ((load >> 10 & 0xfff) * 8ul);
            bool isMarked = at >= 4 && BinaryPrimitives.ReadUInt32LittleEndian(code[(at - 4)..]) == BranchTarget;
            Add(file, isMarked ? address - 4 : address, slot, entries);
        }
    }

    private static void Add(ElfFile file, ulong address, ulong slot, List<LinkageEntry> entries)
    {
        if (!file.Relocations.TryFind(slot, out ElfRelocation relocation)
            || relocation.Kind is not (ElfRelocationKind.JumpSlot or ElfRelocationKind.GlobalData)
            || relocation.SymbolIndex == 0 || relocation.SymbolIndex >= file.DynamicSymbols.Count)
            return;
        string name = file.DynamicSymbols[(int)relocation.SymbolIndex].Name;
        if (name.Length > 0 && ProbeableInstruction.AtOrBehind(file, address) is ulong probe)
            entries.Add(new LinkageEntry(name, address, probe));
    }
}
