using System.Runtime.InteropServices;
using System.Text;
using Virtap.Binaries.Elf;

namespace Virtap.Binaries.Marks;

/// <summary>
/// The marks that <c>sys/sdt.h</c> leaves in a file: notes of the owner <c>stapsdt</c> and type 3 (systemtap's wiki,
/// "UserSpaceProbeImplementation"), which hold the
/// address of the <c>nop</c> that is probed, the link-time address of <c>.stapsdt.base</c>, the address of a semaphore or 0, and three
/// strings: provider, name, arguments. A mark has a note for every place at which it stands.
/// </summary>
public static class SdtNotes
{
    private const uint NoteType = 3;
    private const int AddressesSize = 24;

    /// <summary>Whether the file has any, without reading more than it takes.</summary>
    /// <param name="file">The file.</param>
    /// <param name="pattern">Which; null for all.</param>
    public static bool Any(ElfFile file, MarkPattern? pattern = null)
    {
        foreach ((ElfRange range, ulong alignment) in file.NoteParts())
        {
            var notes = new ElfNoteReader(file.Bytes(range), alignment);
            while (notes.MoveNext())
            {
                if (IsMark(notes) && TryStrings(notes.Description, out ReadOnlySpan<byte> provider, out ReadOnlySpan<byte> name, out _)
                    && (pattern?.IsMatch(provider, name) ?? true))
                    return true;
            }
        }

        return false;
    }

    /// <summary>Reads marks. Notes of others are passed over by the bytes of their names, so one mark of thousands costs little.</summary>
    /// <param name="file">The file: the one that runs, not one of debugging information.</param>
    /// <param name="pattern">Which; null for all.</param>
    /// <returns>In order of provider and name. Places that are not in the file (a damaged note) are left out.</returns>
    public static IReadOnlyList<Mark> Read(ElfFile file, MarkPattern? pattern = null)
    {
        if (file.Architecture is null)
            return [];
        var symbols = new ImageSymbols(file);
        var sites = new Dictionary<(string Provider, string Name), List<MarkSite>>();
        ulong? actualBase = file.FindSection(".stapsdt.base"u8)?.Address;
        foreach ((ElfRange range, ulong alignment) in file.NoteParts())
        {
            var notes = new ElfNoteReader(file.Bytes(range), alignment);
            while (notes.MoveNext())
            {
                if (!IsMark(notes)
                    || !TryStrings(
                        notes.Description, out ReadOnlySpan<byte> provider, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> arguments)
                    || !(pattern?.IsMatch(provider, name) ?? true)
                    || ReadSite(file, notes.Description, actualBase, arguments, symbols) is not MarkSite site)
                    continue;
                ref List<MarkSite>? list = ref CollectionsMarshal.GetValueRefOrAddDefault(
                    sites, (Encoding.UTF8.GetString(provider), Encoding.UTF8.GetString(name)), out _);
                (list ??= []).Add(site);
            }
        }

        List<Mark> marks = [];
        foreach (((string provider, string name), List<MarkSite> list) in sites)
            marks.Add(new Mark(provider, name, MarkOrigin.Sdt, [.. list.DistinctBy(site => site.Address).OrderBy(site => site.Address)]));
        marks.Sort(
            (a, b) => string.CompareOrdinal(a.Provider, b.Provider) is not 0 and int order
            ? order : string.CompareOrdinal(a.Name, b.Name));
        return marks;
    }

    /// <summary>The names of all marks, each once, without reading their arguments.</summary>
    internal static IReadOnlyCollection<string> Names(ElfFile file)
    {
        HashSet<string> names = [];
        foreach ((ElfRange range, ulong alignment) in file.NoteParts())
        {
            var notes = new ElfNoteReader(file.Bytes(range), alignment);
            while (notes.MoveNext())
            {
                if (IsMark(notes) && TryStrings(notes.Description, out _, out ReadOnlySpan<byte> name, out _))
                    names.Add(Encoding.UTF8.GetString(name));
            }
        }

        return names;
    }

    private static bool IsMark(in ElfNoteReader note)
        => note.Type == NoteType && note.Owner.SequenceEqual("stapsdt"u8) && note.Description.Length > AddressesSize;

    private static MarkSite? ReadSite(
        ElfFile file, ReadOnlySpan<byte> note, ulong? actualBase, ReadOnlySpan<byte> arguments, ImageSymbols symbols)
    {
        // Prelink moves the code of a file but not the addresses in its notes; the section of one byte tells how far.
        ulong moved = actualBase is ulong address ? address - ElfImage.Long(note, 8) : 0;
        ulong site = ElfImage.Long(note, 0) + moved, semaphore = ElfImage.Long(note, 16);
        if (!file.TryFileOffset(site, out ulong offset))
            return null;
        ulong semaphoreOffset = semaphore != 0 && file.TryFileOffset(semaphore + moved, out ulong found) ? found : 0;
        return new MarkSite(
            site, offset, semaphoreOffset, SdtArguments.Parse(Encoding.UTF8.GetString(arguments), file.Architecture!.Value, symbols));
    }

    private static bool TryStrings(
        ReadOnlySpan<byte> note, out ReadOnlySpan<byte> provider, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> arguments)
    {
        ReadOnlySpan<byte> rest = note[AddressesSize..];
        bool whole = TryString(ref rest, out provider);
        whole &= TryString(ref rest, out name);
        return whole & TryString(ref rest, out arguments);
    }

    private static bool TryString(scoped ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> text)
    {
        int end = rest.IndexOf((byte)0);
        text = end < 0 ? default : rest[..end];
        rest = end < 0 ? default : rest[(end + 1)..];
        return end >= 0;
    }
}
