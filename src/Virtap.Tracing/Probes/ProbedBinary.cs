using Virtap.Binaries.Elf;
using Virtap.Binaries.Functions;
using Virtap.Binaries.Marks;
using Virtap.Processes.Files;

namespace Virtap.Tracing.Probes;

/// <summary>A file that probe points are sought in.</summary>
public sealed class ProbedBinary : IDisposable
{
    private ProbedBinary(ExecutableFile file, ElfFile elf)
    {
        File = file;
        Elf = elf;
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

    /// <summary>Its marks.</summary>
    public MarkCatalog Marks => field ??= new MarkCatalog(Elf);

    /// <summary>Opens it.</summary>
    /// <exception cref="ElfFormatException">It is no program that can be probed.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static ProbedBinary Open(ExecutableFile file) => new(file, ElfFile.Open(file.OpenPath));

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

    /// <inheritdoc/>
    public void Dispose() => Elf.Dispose();

    /// <inheritdoc/>
    public override string ToString() => Path;
}
