using Virtap.Binaries.Images;
using Virtap.Processes.Files;
using Virtap.Processes.Memory;

namespace Virtap.Processes.Stacks;

/// <summary>Code as it lies in a process.</summary>
/// <param name="Image">The file it is of.</param>
/// <param name="Bias">Run-time address minus link-time address, modulo 2^64.</param>
/// <param name="Mapping">The mapping that holds it.</param>
public sealed record LoadedCode(CodeImage Image, ulong Bias, Mapping Mapping);

/// <summary>Which code a process has where: its mappings at one moment, and the images behind them. Not for several threads at
/// once.</summary>
/// <param name="process">The process.</param>
/// <param name="mappings">Its mappings.</param>
/// <param name="images">The images, which outlive this.</param>
public sealed class CodeMap(TargetProcess process, Mappings mappings, CodeImages images)
{
    private const int MaxResolved = 1 << 14;

    private readonly Dictionary<ulong, LoadedCode?> _loaded = [];
    private readonly Dictionary<ulong, ResolvedAddress> _resolved = [];

    /// <summary>The process.</summary>
    public TargetProcess Process => process;

    /// <summary>Its mappings.</summary>
    public Mappings Mappings => mappings;

    /// <summary>The code at an address; null where there is no file's.</summary>
    public LoadedCode? At(ulong address)
    {
        if (mappings.At(address) is not { } mapping)
            return null;
        if (!_loaded.TryGetValue(mapping.Start, out LoadedCode? loaded))
            _loaded[mapping.Start] = loaded = Load(mapping);
        return loaded;
    }

    /// <summary>
    /// The programs and libraries among the files that are mapped, each once, as its first mapping holds it. What cannot be opened is left
    /// out.
    /// </summary>
    public IEnumerable<LoadedCode> Files()
    {
        // Of a core's mappings it is not always known whether they are code: each file is asked what it is.
        HashSet<FileIdentity> seen = [];
        foreach (Mapping mapping in mappings)
        {
            if (mapping.IsFile && seen.Add(mapping.File) && At(mapping.Start) is { } file)
                yield return file;
        }
    }

    /// <summary>Whether there is code at an address.</summary>
    public bool IsCode(ulong address) => mappings.At(address) is { } mapping && ((mapping.Protection & MappingProtection.Execute) != 0
        || (At(address) is { } code && code.Image.File.FindSegment(address - code.Bias) is { IsExecutable: true }));

    /// <summary>What there is at an address: module, symbol, source.</summary>
    /// <param name="address">A run-time address.</param>
    /// <param name="isReturnAddress">Whether it stands behind a call, and the call is what is meant.</param>
    public ResolvedAddress Describe(ulong address, bool isReturnAddress)
    {
        ulong meant = address - (isReturnAddress ? 1ul : 0);
        if (_resolved.TryGetValue(meant, out ResolvedAddress? resolved) && resolved.Address == address)
            return resolved;
        if (_resolved.Count == MaxResolved)
            _resolved.Clear();
        return _resolved[meant] = Find(address, meant);
    }

    private ResolvedAddress Find(ulong address, ulong meant)
    {
        if (At(meant) is not { } code)
            return new ResolvedAddress(address, address, null, mappings.At(meant)?.Path, null, []);
        ulong linked = meant - code.Bias;
        return new ResolvedAddress(
            address, address - code.Bias, code.Image, code.Mapping.Path, code.Image.SymbolAt(linked), code.Image.ScopesAt(linked));
    }

    private LoadedCode? Load(Mapping mapping)
    {
        if (images.Of(process, mapping) is not { } image)
            return null;
        ulong offset = mapping.IsFile ? mapping.Offset : 0;
        // A mapping may begin before its segment does, at the beginning of a page.
        foreach (ulong step in (ReadOnlySpan<ulong>)[0, mapping.Length - 1])
        {
            if (image.File.TryAddress(offset + step, out ulong linked))
                return new LoadedCode(image, mapping.Start + step - linked, mapping);
        }

        return null;
    }
}

/// <summary>What there is at an address.</summary>
/// <param name="Address">The run-time address.</param>
/// <param name="LinkAddress">Where that is in the file, as it was linked; the same where no file is behind it.</param>
/// <param name="Image">The file; null where there is none.</param>
/// <param name="Module">The name of what is mapped there: a path, <c>[vdso]</c>; null or "" where nothing is.</param>
/// <param name="Symbol">The function by its symbol; null where none is known.</param>
/// <param name="Scopes">The functions by debug information, the innermost first; empty where nobody says.</param>
public sealed record ResolvedAddress(
    ulong Address, ulong LinkAddress, CodeImage? Image, string? Module, CodeSymbol? Symbol, IReadOnlyList<CodeScope> Scopes)
{
    /// <summary>Bytes from the beginning of the function, by its symbol; 0 without one.</summary>
    public ulong Offset => Symbol is { } symbol ? LinkAddress - symbol.Address : 0;
}
