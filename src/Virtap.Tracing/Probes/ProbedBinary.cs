using System.Text;
using Virtap.Binaries.Elf;
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
            return Elf.Symbols.TryFindFunction(address, out ElfSymbol function) || Elf.DynamicSymbols.TryFindFunction(address, out function)
                ? Encoding.UTF8.GetString(function.NameUtf8)
                : null;
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
