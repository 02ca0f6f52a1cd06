using Virtap.Binaries.Dwarf;
using Virtap.Binaries.Elf;
using Virtap.Binaries.Images;

namespace Virtap.Debugging.Targets;

/// <summary>A file of a target where it lies: its program, or a library that it has mapped.</summary>
/// <param name="image">The file, and all that names what it holds; it stays the caller's.</param>
/// <param name="bias">Run-time address minus link-time address, modulo 2^64.</param>
public sealed class LoadedImage(CodeImage image, ulong bias)
{
    private SymbolIndex? _symbols;

    /// <summary>The file.</summary>
    public ElfFile File => image.File;

    /// <summary>Run-time address minus link-time address, modulo 2^64.</summary>
    public ulong Bias => bias;

    /// <summary>Whether it is the program, not a library.</summary>
    public bool IsProgram { get; init; }

    /// <summary>Its path as its process knows it.</summary>
    public string Name => image.Name;

    /// <summary>What of it could not be read when it was asked for; null where nothing was wrong.</summary>
    public string? Problem => image.Problems is [var first, ..] ? first : null;

    /// <summary>Its debug information; null where there is none.</summary>
    public DebugInfo? Debug => image.Debug;

    /// <summary>What symbols name and debug information does not: run-time address, name as debuggers show it.</summary>
    /// <param name="isCode">Whether code is meant, or data.</param>
    public IEnumerable<(ulong Address, string Name)> Undescribed(bool isCode)
    {
        foreach (ElfSymbol symbol in image.Symbols)
        {
            if (!symbol.IsDefined || symbol.Kind is not (ElfSymbolKind.None or ElfSymbolKind.Object or ElfSymbolKind.Function)
                || File.FindSection(symbol.Address) is not { } section || section.IsExecutable != isCode
                || SymbolNames.Of(symbol) is not { Length: > 0 } name)
                continue;
            bool isDescribed = isCode ? Debug?.LineSpanAt(symbol.Address) is not null : Debug?.FindGlobal(name) is not null;
            if (!isDescribed)
                yield return (symbol.Address + bias, name);
        }
    }

    /// <summary>Whether a run-time address lies in it.</summary>
    public bool Contains(ulong address) => File.FindSegment(address - Bias) is not null;

    /// <summary>The section that a run-time address lies in, by its name; null for none.</summary>
    public string? SectionOf(ulong address) => File.FindSection(address - Bias) is { } section ? section.Name : null;

    /// <summary>Where its code is: run-time addresses; null where it has none.</summary>
    public (ulong Start, ulong End)? TextRange() => File.FindSection(".text"u8) is { Size: > 0 } text
        ? (text.Address + Bias, text.Address + text.Size + Bias) : null;

    /// <summary>The symbol that a run-time address lies in; its address is a link-time one.</summary>
    internal ElfSymbol? SymbolAt(ulong address) => (_symbols ??= new SymbolIndex(File, image.Symbols)).Find(address - Bias);

    /// <summary>A symbol by its name.</summary>
    internal ElfSymbol? FindSymbol(string name) => image.FindSymbol(name);
}
