using Virtap.Binaries.Dwarf;
using Virtap.Binaries.Elf;
using Virtap.Binaries.Images;
using Virtap.Debugging.Printing;
using Virtap.Processes;
using Virtap.Processes.Access;
using Virtap.Processes.Memory;
using Virtap.Processes.Stacks;

namespace Virtap.Debugging.Targets;

/// <summary>
/// What expressions are about: a process, which goes on running while it is looked at; one that a core holds; or a program's file alone.
/// </summary>
public sealed class DebugTarget : IDisposable
{
    private readonly TargetProcess? _process;
    private readonly CodeImages _code;
    private readonly List<LoadedImage> _images = [];
    private readonly Dictionary<CodeImage, LoadedImage> _libraries = [];
    private bool _hasLibraries;

    private DebugTarget(TargetProcess? process, LoadedImage program, TargetMemory memory, CodeImages code)
    {
        (_process, Program, Memory, _code) = (process, program, memory, code);
        _images.Add(program);
    }

    /// <summary>The program.</summary>
    public LoadedImage Program { get; }

    /// <summary>The program's path, as its process knows it.</summary>
    public string ProgramName => _process?.ExecutableName ?? Program.Name;

    /// <summary>Its memory.</summary>
    public TargetMemory Memory { get; }

    /// <summary>The process; null for a program's file alone.</summary>
    public TargetProcess? Process => _process;

    /// <summary>All files that it has opened.</summary>
    internal CodeImages Code => _code;

    /// <summary>Looks at a process or a core.</summary>
    /// <param name="process">It; it stays the caller's.</param>
    /// <param name="search">Where debug information is sought.</param>
    /// <param name="memory">Its memory, where that is to be seen otherwise than as it is; null for as it is.</param>
    /// <exception cref="ProcessException">It has ended, may not be looked into, or its program cannot be read.</exception>
    public static DebugTarget Of(TargetProcess process, DebugFileSearch search, TargetMemory? memory = null)
    {
        var code = new CodeImages(search);
        try
        {
            CodeImage program = code.OfProgram(process, process.ReadMappings());
            var loaded = new LoadedImage(program, process.LoadBias(program.File) ?? 0) { IsProgram = true };
            return new DebugTarget(process, loaded, memory ?? process.Memory, code);
        }
        catch (Exception e)
        {
            code.Dispose();
            if (e is ElfFormatException or IOException or UnauthorizedAccessException)
                throw new ProcessException(e.Message, e);
            throw;
        }
    }

    /// <summary>Looks at a program that does not run.</summary>
    /// <param name="path">Its file.</param>
    /// <param name="search">Where debug information is sought.</param>
    /// <exception cref="ElfFormatException">It is no program.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static DebugTarget OfFile(string path, DebugFileSearch search)
    {
        var code = new CodeImages(search);
        CodeImage program = code.OfFile(path);
        return new DebugTarget(null, new LoadedImage(program, 0) { IsProgram = true }, new ImageMemory(program.File), code);
    }

    /// <summary>The program, then its libraries.</summary>
    public IReadOnlyList<LoadedImage> Images()
    {
        if (!_hasLibraries)
        {
            _hasLibraries = true;
            _images.RemoveRange(1, _images.Count - 1);
            if (_process is { } process)
                _images.AddRange(new CodeMap(process, process.ReadMappings(), _code).Files()
                    .Where(file => !Program.Contains(file.Mapping.Start) && file.Image.File != Program.File)
                    .Select(Loaded));
        }

        return _images;
    }

    /// <summary>Has it look again, when it is next asked, which libraries the process has loaded.</summary>
    public void Refresh() => _hasLibraries = false;

    /// <summary>The file that an address lies in; null for none: the heap, a stack.</summary>
    public LoadedImage? ImageAt(ulong address)
    {
        if (Program.Contains(address))
            return Program;
        foreach (LoadedImage image in Images())
        {
            if (image.Contains(address))
                return image;
        }

        return null;
    }

    /// <summary>The symbol that an address lies in; null for none.</summary>
    public AddressName? NameOf(ulong address)
    {
        if (ImageAt(address) is not { } image)
            return null;
        ulong linked = address - image.Bias;
        ElfSymbol? symbol = image.SymbolAt(address);

        // A function has the name that its source gives it, unless a symbol begins behind its entry: a part of it that lies elsewhere.
        if (image.File.FindSegment(linked) is { IsExecutable: true } && image.Debug?.FunctionsAt(linked) is [.., var function]
            && function.EntryAddress is ulong entry && (symbol is null || symbol.Value.Address <= entry))
            return new AddressName(SymbolNames.Of(function), linked - entry);
        return symbol is { } found ? new AddressName(SymbolNames.Of(found), linked - found.Address) : null;
    }

    /// <summary>The symbol that an address lies in, with the run-time address where it begins and its size; null for none.</summary>
    public (string Name, ulong Start, ulong Size)? SymbolRange(ulong address) =>
        ImageAt(address) is { } image && image.SymbolAt(address) is { } symbol
            ? (SymbolNames.Of(symbol), symbol.Address + image.Bias, symbol.Size) : null;

    /// <summary>A library as it lies now; what is known of it already stays known.</summary>
    private LoadedImage Loaded(LoadedCode file) =>
        _libraries.TryGetValue(file.Image, out LoadedImage? known) && known.Bias == file.Bias ? known
            : _libraries[file.Image] = new LoadedImage(file.Image, file.Bias);

    /// <inheritdoc/>
    public void Dispose() => _code.Dispose();
}
