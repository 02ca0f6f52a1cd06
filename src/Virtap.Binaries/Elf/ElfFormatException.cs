namespace Virtap.Binaries.Elf;

/// <summary>
/// A file is no ELF file that Virtap reads, or is damaged. The message names the file and says what is wrong with it, for people.
/// </summary>
public sealed class ElfFormatException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="path">The file.</param>
    /// <param name="reason">What is wrong with it, as the end of a sentence: <c>not an ELF file</c>.</param>
    public ElfFormatException(string path, string reason)
        : base($"{path}: {reason}")
    {
        Path = path;
        Reason = reason;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>What is wrong with it, without the path.</summary>
    public string Reason { get; }
}
