using System.Text;
using Virtap.Binaries.Elf;
using Virtap.Tracing.Probes;

namespace Virtap.Tracing.Lowering;

/// <summary>
/// What scripts can know of the symbols of files, as words; the tapset's usymbols.stp, which alone reads them, says what they are.
/// </summary>
internal static class SymbolWords
{
    private const int WordsOfFile = 10, WordsOfSymbol = 3, WordsOfSegment = 3;

    /// <summary>The words for some files.</summary>
    /// <param name="files">Programs and libraries.</param>
    /// <param name="place">Puts a text into memory and says where it lies there.</param>
    public static long[] Of(IReadOnlyList<ProbedBinary> files, Func<string, int> place)
    {
        var words = new List<long> { files.Count };
        int next = 1 + (files.Count * WordsOfFile);
        var parts = new List<long>();
        foreach (ProbedBinary file in files)
        {
            Named[] named = SymbolsOf(file);
            ElfSegment[] segments = [.. file.Elf.Segments.Where(static segment => segment.Type == ElfSegmentType.Load)];
            (long start, long end) = Extent(segments);
            (long code, _) = Extent(segments.Where(static segment => segment.IsExecutable));
            var identity = file.File.Identity;
            int firstSegment = next + (named.Length * WordsOfSymbol);
            words.AddRange([(long)identity.Inode, identity.KernelDevice, code, next, named.Length, place(file.Path), start, end - start]);
            words.AddRange([firstSegment, segments.Length]);
            foreach (Named each in named)
                parts.AddRange([(long)each.Address, (long)each.Size, place(each.Name)]);
            foreach (ElfSegment each in segments)
                parts.AddRange([(long)each.Offset, (long)each.FileSize, (long)each.Address]);
            next = firstSegment + (segments.Length * WordsOfSegment);
        }

        return [.. words, .. parts];
    }

    /// <summary>Functions and variables in order of address. Of several names for one address the table's first counts.</summary>
    private static Named[] SymbolsOf(ProbedBinary file)
    {
        var found = new SortedDictionary<ulong, Named>();
        try
        {
            foreach (ElfSymbol symbol in file.Elf.Symbols.Count > 0 ? file.Elf.Symbols : file.Elf.DynamicSymbols)
            {
                bool isNamed = symbol.Kind is ElfSymbolKind.Function or ElfSymbolKind.IndirectFunction or ElfSymbolKind.Object;
                if (isNamed && symbol is { IsDefined: true, IsAbsolute: false } && file.Elf.FindSegment(symbol.Address) is not null)
                    found.TryAdd(symbol.Address, new Named(symbol.Address, symbol.Size, NameOf(symbol)));
            }
        }
        catch (ElfFormatException)
        {
            // Damaged symbols name nothing; the probes themselves do not need them.
            return [];
        }

        Named[] ordered = [.. found.Values];
        for (int i = 0; i < ordered.Length; i++)
        {
            // What has no size reaches to the next one.
            if (ordered[i].Size == 0)
                ordered[i] = ordered[i] with { Size = i + 1 < ordered.Length ? ordered[i + 1].Address - ordered[i].Address : 1 };
        }

        return ordered;
    }

    /// <summary>The name without the version that linkers put behind it (<c>name@@VERSION</c>).</summary>
    private static string NameOf(in ElfSymbol symbol)
    {
        ReadOnlySpan<byte> name = symbol.NameUtf8;
        int version = name.IndexOf((byte)'@');
        return Encoding.UTF8.GetString(version > 0 ? name[..version] : name);
    }

    /// <summary>From the lowest to the highest link-time address of some segments.</summary>
    private static (long Start, long End) Extent(IEnumerable<ElfSegment> segments)
    {
        (long Start, long End) extent = (long.MaxValue, 0);
        foreach (ElfSegment segment in segments)
        {
            extent.Start = Math.Min(extent.Start, (long)segment.Address);
            extent.End = Math.Max(extent.End, (long)(segment.Address + segment.MemorySize));
        }

        return extent.End == 0 ? (0, 0) : extent;
    }

    private sealed record Named(ulong Address, ulong Size, string Name);
}
