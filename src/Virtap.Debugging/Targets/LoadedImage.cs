using Virtap.Binaries.Dwarf;
using Virtap.Binaries.Elf;

namespace Virtap.Debugging.Targets;

/// <summary>A file of a target: its program, or a library that it has mapped. What it says is read when it is first asked.</summary>
public sealed class LoadedImage : IDisposable
{
    private readonly string? _realPath;
    private readonly DebugFileSearch _search;
    private SymbolIndex? _symbols;
    private DebugInfo? _debug;
    private bool _isSought;

    /// <summary>Takes a file, which it closes.</summary>
    /// <param name="file">The file.</param>
    /// <param name="bias">Run-time address minus link-time address.</param>
    /// <param name="search">Where its debug information is sought.</param>
    /// <param name="realPath">Where the file lies, where it was opened by another path.</param>
    public LoadedImage(ElfFile file, ulong bias, DebugFileSearch search, string? realPath = null)
    {
        (File, Bias, _search, _realPath) = (file, bias, search, realPath);
    }

    /// <summary>The file.</summary>
    public ElfFile File { get; }

    /// <summary>Run-time address minus link-time address, modulo 2^64.</summary>
    public ulong Bias { get; }

    /// <summary>What of its debug information could not be read; null where nothing was wrong.</summary>
    public string? Problem { get; private set; }

    /// <summary>Its debug information; null where there is none.</summary>
    public DebugInfo? Debug
    {
        get
        {
            if (_isSought)
                return _debug;
            _isSought = true;
            try
            {
                _debug = DebugInfo.Open(File, _search, _realPath);
            }
            catch (Exception e) when (e is ElfFormatException or IOException or UnauthorizedAccessException)
            {
                Problem = e.Message;
            }

            return _debug;
        }
    }

    /// <summary>Whether a run-time address lies in it.</summary>
    public bool Contains(ulong address) => File.FindSegment(address - Bias) is not null;

    /// <summary>The symbol that a run-time address lies in; its address is a link-time one.</summary>
    internal ElfSymbol? SymbolAt(ulong address) => (_symbols ??= new SymbolIndex(File, Symbols)).Find(address - Bias);

    /// <summary>A symbol by its name.</summary>
    internal ElfSymbol? FindSymbol(string name) => Symbols.TryFind(name, out ElfSymbol symbol) && symbol.IsDefined ? symbol
        : Symbols != File.DynamicSymbols && File.DynamicSymbols.TryFind(name, out symbol) && symbol.IsDefined ? symbol : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        _debug?.Dispose();
        File.Dispose();
    }

    /// <summary>The fullest table: the file's own, the one that was stripped off into its debug file, or what the linker needs.</summary>
    private ElfSymbolTable Symbols => field ??= File.Symbols.Count > 0 ? File.Symbols
        : Debug?.Symbols is { Count: > 0 } stripped ? stripped : File.DynamicSymbols;
}
