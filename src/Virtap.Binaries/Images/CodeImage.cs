using System.Text;
using Virtap.Binaries.Dwarf;
using Virtap.Binaries.Dwarf.Frames;
using Virtap.Binaries.Elf;
using Virtap.Binaries.Functions;

namespace Virtap.Binaries.Images;

/// <summary>
/// A program or a library, and all that says what its code is: symbols, those of its separate debug file, those that distributions leave
/// in stripped files (<c>.gnu_debugdata</c>), entries of its procedure linkage table, debug information, call frames. Each is read when
/// first asked for; what is damaged is as good as not there, and <see cref="Problems"/> says so. Not for several threads at once.
/// </summary>
public sealed class CodeImage : IDisposable
{
    private readonly List<string> _problems = [];
    private readonly Lazy<DebugInfo?> _debug;
    private readonly Lazy<ElfFile?> _mini;
    private readonly Lazy<CallFrames?> _frames;
    private readonly Lazy<IReadOnlyList<ElfSymbolTable>> _tables;
    private readonly Lazy<IReadOnlyList<LinkageEntry>> _linkage;

    private CodeImage(ElfFile file, string name, DebugFileSearch search, string? place = null)
    {
        (File, Name) = (file, name);
        _debug = new(() => Try(() => DebugInfo.Open(file, search, place ?? name)));
        _mini = new(() => file.Symbols.Count > 0 ? null : Try(() => MiniDebugData.Open(file)));
        _frames = new(() => Try(() => CallFrames.Read(file, Debug?.DebugFile ?? file)));
        _tables = new(() => Try(Tables) ?? []);
        _linkage = new(() => Try(() => LinkageTable.Read(file)) ?? []);
    }

    /// <summary>The file.</summary>
    public ElfFile File { get; }

    /// <summary>What to call it: its path as its process knows it.</summary>
    public string Name { get; }

    /// <summary>Its debug information; null where there is none.</summary>
    public DebugInfo? Debug => _debug.Value;

    /// <summary>Its call frames; null where they are damaged.</summary>
    public CallFrames? Frames => _frames.Value;

    /// <summary>The fullest of its symbol tables: its own, the one in its separate debug file, or what the dynamic linker needs.</summary>
    public ElfSymbolTable Symbols => _tables.Value.FirstOrDefault(table => table != File.DynamicSymbols) ?? File.DynamicSymbols;

    /// <summary>What of it could not be read, as sentences; what has not been asked for is not in it.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file; also through <c>/proc/PID/map_files</c> and the like.</param>
    /// <param name="name">What to call it.</param>
    /// <param name="search">Where debug information is sought that is not in it.</param>
    /// <param name="place">Where it lies, for links that are relative to it, when that is not its name.</param>
    /// <exception cref="ElfFormatException">It is no ELF file that Virtap reads.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static CodeImage Open(string path, string name, DebugFileSearch search, string? place = null) =>
        new(ElfFile.Open(path), name, search, place);

    /// <summary>An image that is in memory alone: the kernel's <c>[vdso]</c>.</summary>
    /// <param name="bytes">Its bytes.</param>
    /// <param name="name">What to call it.</param>
    /// <exception cref="ElfFormatException">It is no ELF file that Virtap reads.</exception>
    public static CodeImage OfMemory(ReadOnlyMemory<byte> bytes, string name) =>
        new(ElfFile.FromBytes(bytes, name), name, new DebugFileSearch { Roots = [] });

    /// <summary>The function whose code holds an address, by its symbol; null where none is known.</summary>
    /// <param name="address">A link-time address.</param>
    public CodeSymbol? SymbolAt(ulong address)
    {
        CodeSymbol? best = null;
        foreach (ElfSymbolTable table in _tables.Value)
        {
            // Of two tables' answers the nearer: one without sizes may reach over what the other has.
            if (table.TryFindFunction(address, out ElfSymbol symbol) && (best is null || symbol.Address > best.Value.Address))
                best = Named(symbol, table);
        }

        // What begins before the linkage table and has no size reaches over it: _init.
        return best is { Size: > 0 } ? best : LinkageAt(address) ?? best;
    }

    /// <summary>A symbol by its name, as it is in whichever table has it; null for none.</summary>
    /// <param name="name">The name.</param>
    public ElfSymbol? FindSymbol(string name)
    {
        foreach (ElfSymbolTable table in _tables.Value)
        {
            if (table.TryFind(name, out ElfSymbol symbol) && symbol.IsDefined)
                return symbol;
        }

        return null;
    }

    /// <summary>
    /// What runs at an address by debug information: inlined functions, the innermost first, and last the one that has the code; empty
    /// where nobody says.
    /// </summary>
    /// <param name="address">A link-time address.</param>
    public IReadOnlyList<CodeScope> ScopesAt(ulong address)
    {
        if (Debug is null)
            return [];
        SourceLine? line = Debug.LineAt(address);
        List<CodeScope> scopes = [];
        foreach (DebugFunction function in Debug.FunctionsAt(address))
        {
            scopes.Add(new CodeScope(function, line));
            line = function.CallSite;
        }

        return scopes;
    }

    /// <summary>Closes the files.</summary>
    public void Dispose()
    {
        if (_debug.IsValueCreated)
            _debug.Value?.Dispose();
        if (_mini.IsValueCreated)
            _mini.Value?.Dispose();
        File.Dispose();
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    private List<ElfSymbolTable> Tables()
    {
        List<ElfSymbolTable> tables = [File.Symbols, File.DynamicSymbols];
        if (File.Symbols.Count == 0 && Debug?.DebugFile is { } debugFile && debugFile != File)
            tables.Add(debugFile.Symbols);
        if (_mini.Value is { } mini)
            tables.Add(mini.Symbols);
        tables.RemoveAll(static table => table.Count == 0);
        return tables;
    }

    private CodeSymbol? LinkageAt(ulong address)
    {
        const ulong entryBytes = 16;
        foreach (LinkageEntry entry in _linkage.Value)
        {
            if (address - entry.Address < entryBytes)
                return new CodeSymbol(entry.Name + "@plt", entry.Address, entryBytes);
        }

        return null;
    }

    /// <summary>
    /// Libraries have several names for one place: the one that programs call it by is global, and has no underscores before it.
    /// </summary>
    private static CodeSymbol Named(in ElfSymbol first, ElfSymbolTable table)
    {
        ElfSymbol best = first;
        foreach (ElfSymbol other in table)
        {
            if (other.Address == first.Address && other.IsDefined && other.Kind == first.Kind && Rank(other) < Rank(best))
                best = other;
        }

        return new CodeSymbol(NameOf(best), best.Address, best.Size);

        static int Rank(in ElfSymbol symbol) => (4 * symbol.NameUtf8.IndexOfAnyExcept((byte)'_'))
            + symbol.Binding switch { ElfSymbolBinding.Global => 0, ElfSymbolBinding.Weak => 1, _ => 2 };
    }

    private static string NameOf(in ElfSymbol symbol)
    {
        ReadOnlySpan<byte> name = symbol.NameUtf8;
        int version = name.IndexOf((byte)'@');
        return Encoding.UTF8.GetString(version > 0 ? name[..version] : name);
    }

    private T? Try<T>(Func<T?> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is ElfFormatException or IOException or UnauthorizedAccessException)
        {
            _problems.Add(e.Message);
            return null;
        }
    }
}
