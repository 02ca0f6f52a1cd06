using Virtap.Binaries.Dwarf;
using Virtap.Binaries.Elf;
using Virtap.Debugging.Printing;
using Virtap.Processes;
using Virtap.Processes.Access;
using Virtap.Processes.Cores;
using Virtap.Processes.Files;
using Virtap.Processes.Memory;

namespace Virtap.Debugging.Targets;

/// <summary>
/// What expressions are about: a process, which goes on running while it is looked at; one that a core holds; or a program's file alone.
/// </summary>
public sealed class DebugTarget : IDisposable
{
    private readonly TargetProcess? _process;
    private readonly DebugFileSearch _search;
    private readonly List<LoadedImage> _images = [];
    private bool _hasLibraries;

    private DebugTarget(TargetProcess? process, LoadedImage program, TargetMemory memory, DebugFileSearch search)
    {
        (_process, Program, Memory, _search) = (process, program, memory, search);
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
        ElfFile file;
        try
        {
            file = ElfFile.Open(process.ExecutablePath);
        }
        catch (ElfFormatException e)
        {
            throw new ProcessException(e.Message, e);
        }

        string? name = process is LiveProcess live && live.ExecutableName is { } path ? live.RootPath + path : process.ExecutableName;
        ulong bias = process.LoadBias(file) ?? 0;
        return new DebugTarget(process, new LoadedImage(file, bias, search, name), process.Memory, search);
    }

    /// <summary>Looks at a program that does not run.</summary>
    /// <param name="path">Its file.</param>
    /// <param name="search">Where debug information is sought.</param>
    /// <exception cref="ElfFormatException">It is no program.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static DebugTarget OfFile(string path, DebugFileSearch search)
    {
        ElfFile file = ElfFile.Open(path);
        return new DebugTarget(null, new LoadedImage(file, 0, search), new ImageMemory(file), search);
    }

    /// <summary>The program, then its libraries.</summary>
    public IReadOnlyList<LoadedImage> Images()
    {
        if (!_hasLibraries)
        {
            _hasLibraries = true;
            if (_process is { } process)
                AddLibraries(process);
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
    public void Dispose()
    {
        foreach (LoadedImage image in _images)
            image.Dispose();
    }

    private void AddLibraries(TargetProcess process)
    {
        // Of a core's mappings it is not always known whether they are code: each file is a library that is one.
        HashSet<FileIdentity> seen = [];
        foreach (Mapping mapping in process.ReadMappings())
        {
            if (!mapping.IsFile || Program.Contains(mapping.Start) || !seen.Add(mapping.File))
                continue;
            if (OpenLibrary(process, mapping) is not { } file)
                continue;
            if (file.TryAddress(mapping.Offset, out ulong linked))
                _images.Add(new LoadedImage(file, mapping.Start - linked, _search, mapping.Path));
            else
                file.Dispose();
        }
    }

    private static ElfFile? OpenLibrary(TargetProcess process, Mapping mapping)
    {
        IEnumerable<string> paths = process is LiveProcess live ? [live.RootPath + mapping.Path, live.PathTo(mapping)] : [mapping.Path];
        foreach (string path in paths)
        {
            try
            {
                return ElfFile.Open(path);
            }
            catch (Exception e) when (e is ElfFormatException or IOException or UnauthorizedAccessException)
            {
                // Without it its symbols have no names; all else goes on.
            }
        }

        return null;
    }
}
