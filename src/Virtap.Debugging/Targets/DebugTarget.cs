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
    private bool _hasLibraries;

    private DebugTarget(TargetProcess? process, LoadedImage program, TargetMemory memory, CodeImages code)
    {
        (_process, Program, Memory, _code) = (process, program, memory, code);
        _images.Add(program);
    }

    /// <summary>The program.</summary>
    public LoadedImage Program { get; }

    /// <summary>Its memory.</summary>
    public TargetMemory Memory { get; }

    /// <summary>The process; null for a program's file alone.</summary>
    public TargetProcess? Process => _process;

    /// <summary>Looks at a process or a core.</summary>
    /// <param name="process">It; it stays the caller's.</param>
    /// <param name="search">Where debug information is sought.</param>
    /// <exception cref="ProcessException">It has ended, may not be looked into, or its program cannot be read.</exception>
    public static DebugTarget Of(TargetProcess process, DebugFileSearch search)
    {
        var code = new CodeImages(search);
        try
        {
            CodeImage program = code.OfProgram(process, process.ReadMappings());
            return new DebugTarget(process, new LoadedImage(program, process.LoadBias(program.File) ?? 0), process.Memory, code);
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
        return new DebugTarget(null, new LoadedImage(program, 0), new ImageMemory(program.File), code);
    }

    /// <summary>The program, then its libraries.</summary>
    public IReadOnlyList<LoadedImage> Images()
    {
        if (!_hasLibraries)
        {
            _hasLibraries = true;
            if (_process is { } process)
                _images.AddRange(new CodeMap(process, process.ReadMappings(), _code).Files()
                    .Where(file => !Program.Contains(file.Mapping.Start))
                    .Select(static file => new LoadedImage(file.Image, file.Bias)));
        }

        return _images;
    }

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

    /// <inheritdoc/>
    public void Dispose() => _code.Dispose();
}
