using Virtap.Binaries.Dwarf;
using Virtap.Binaries.Elf;
using Virtap.Binaries.Functions;
using Virtap.Binaries.Marks;
using Virtap.Binaries.Marks.Catalog;
using Virtap.Binaries.Types;
using Virtap.Processes.Programs;

namespace Virtap.Tracing.Probes;

/// <summary>A file that probe points are sought in.</summary>
public sealed class ProbedBinary : IDisposable
{
    private DebugInfo? _debug;
    private bool _hasSoughtDebug;
    private string? _debugProblem;

    private readonly IRecoveredTypes? _recovered;

    private ProbedBinary(ExecutableFile file, ElfFile elf, IRecoveredTypes? recovered)
    {
        File = file;
        Elf = elf;
        _recovered = recovered;
    }

    /// <summary>Which file it is, and how it is opened.</summary>
    public ExecutableFile File { get; }

    /// <summary>Its path as probe points show it.</summary>
    public string Path => File.Path;

    /// <summary>Its contents.</summary>
    public ElfFile Elf { get; }

    /// <summary>Its functions.</summary>
    /// <exception cref="ElfFormatException">Its symbols are damaged.</exception>
    public FunctionTable Functions => field ??= new FunctionTable(Elf);

    /// <summary>Where its functions return.</summary>
    /// <exception cref="ElfFormatException">Its symbols are damaged.</exception>
    public ExitSearch Exits => field ??= new ExitSearch(Elf, Functions);

    /// <summary>The entries of its procedure linkage tables.</summary>
    /// <exception cref="ElfFormatException">Its symbols are damaged.</exception>
    public IReadOnlyList<LinkageEntry> LinkageTable => field ??= Binaries.Functions.LinkageTable.Read(Elf);

    /// <summary>Its marks.</summary>
    public MarkCatalog Marks => field ??= new MarkCatalog(Elf);

    /// <summary>Its debug information, sought when it is first asked for; null where there is none that can be read.</summary>
    public DebugInfo? Debug
    {
        get
        {
            if (!_hasSoughtDebug)
                _debug = OpenDebug();
            return _debug;
        }
    }

    /// <summary>What to tell somebody who asked for what debug information would say; null where there is some.</summary>
    public string? WithoutDebug => Debug is not null ? null
        : _debugProblem ?? $"{Path} has no debug information (of its package, <name>-dbgsym has it)";

    /// <summary>Opens it.</summary>
    /// <param name="file">The file.</param>
    /// <param name="recovered">Knows types that debug information does not; null where nobody does.</param>
    /// <exception cref="ElfFormatException">It is no program that can be probed.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static ProbedBinary Open(ExecutableFile file, IRecoveredTypes? recovered = null) =>
        new(file, ElfFile.Open(file.OpenPath, file.Path), recovered);

    /// <summary>The function whose code holds a link-time address; null where the file's symbols have none.</summary>
    public string? FunctionAt(ulong address)
    {
        try
        {
            return Functions.At(address)?.Name;
        }
        catch (ElfFormatException)
        {
            // Damaged symbols name nothing; the probe itself does not need them.
            return null;
        }
    }

    /// <summary>Whether a module's name in a script (<c>@var("x", "module")</c>) means this file: its path, or its last part.</summary>
    public bool IsMeant(string module) => module == Path || module == File.OpenPath || System.IO.Path.GetFileName(Path) == module;

    /// <summary>A type by its name; null where it is not known.</summary>
    /// <param name="name">As debug information has it: <c>struct x</c>, <c>x</c>.</param>
    /// <param name="problem">Why it could not be sought; null where it was.</param>
    public CType? FindType(string name, out string? problem)
    {
        problem = null;
        return Debug?.FindType(name) ?? _recovered?.FindType(Elf, name, out problem);
    }

    private DebugInfo? OpenDebug()
    {
        _hasSoughtDebug = true;
        try
        {
            return DebugInfo.Open(Elf, DebugFileSearch.OfSystem, Path);
        }
        catch (Exception e) when (e is ElfFormatException or IOException or UnauthorizedAccessException)
        {
            // The program can be probed all the same; who asks for a variable hears why there is none.
            _debugProblem = e.Message;
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _debug?.Dispose();
        Elf.Dispose();
    }

    /// <inheritdoc/>
    public override string ToString() => Path;
}
