using System.Text;
using Virtap.Binaries.Elf;
using Virtap.Tracing.Probes;

namespace Virtap.Tracing.Lowering;

/// <summary>
/// What scripts can know of the symbols of programs, as words; the tapset's usymbols.stp, which alone reads them, says what they are.
/// </summary>
internal static class SymbolWords
{
    private const int WordsOfProgram = 8, WordsOfSymbol = 3;

    /// <summary>The words for some programs.</summary>
    /// <param name="programs">The programs; a library among them is the program of no thread, and its words are never found.</param>
    /// <param name="place">Puts a text into memory and says where it lies there.</param>
    public static long[] Of(IReadOnlyList<ProbedBinary> programs, Func<string, int> place)
    {
        var words = new List<long> { programs.Count };
        int next = 1 + (programs.Count * WordsOfProgram);
        var symbols = new List<long>();
        foreach (ProbedBinary program in programs)
        {
            Named[] named = SymbolsOf(program);
            (long start, long end) = Extent(program.Elf, static _ => true);
            (long code, _) = Extent(program.Elf, static segment => segment.IsExecutable);
            var identity = program.File.Identity;
            // What has no device of its own (an overlay, btrfs) gives stat(2) another number than the kernel has there.
            long device = identity.DeviceMajor == 0 ? 0 : ((long)identity.DeviceMajor << 20) | identity.DeviceMinor;
            words.AddRange([(long)identity.Inode, device, code, next, named.Length, place(program.Path), start, end - start]);
            foreach (Named each in named)
                symbols.AddRange([(long)each.Address, (long)each.Size, place(each.Name)]);
            next += named.Length * WordsOfSymbol;
        }

        return [.. words, .. symbols];
    }

    /// <summary>Functions and variables in order of address. Of several names for one address the table's first counts.</summary>
    private static Named[] SymbolsOf(ProbedBinary program)
    {
        var found = new SortedDictionary<ulong, Named>();
        try
        {
            foreach (ElfSymbol symbol in program.Elf.Symbols.Count > 0 ? program.Elf.Symbols : program.Elf.DynamicSymbols)
            {
                bool isNamed = symbol is { IsDefined: true, Kind: ElfSymbolKind.Function or ElfSymbolKind.IndirectFunction
                    or ElfSymbolKind.Object };
                if (isNamed && program.Elf.FindSegment(symbol.Address) is not null)
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

    /// <summary>From the lowest to the highest link-time address of what is loaded.</summary>
    private static (long Start, long End) Extent(ElfFile file, Func<ElfSegment, bool> counts)
    {
        ElfSegment[] loaded = [.. file.Segments.Where(segment => segment.Type == ElfSegmentType.Load && counts(segment))];
        if (loaded.Length == 0)
            return (0, 0);
        ulong end = loaded.Max(static segment => segment.Address + segment.MemorySize);
        return ((long)loaded.Min(static segment => segment.Address), (long)end);
    }

    private sealed record Named(ulong Address, ulong Size, string Name);
}
