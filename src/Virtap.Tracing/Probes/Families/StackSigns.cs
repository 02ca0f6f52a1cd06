using Virtap.Binaries.Elf;
using Virtap.Binaries.Functions;
using Virtap.Processes;
using Virtap.Processes.Files;
using Virtap.Processes.Programs;

namespace Virtap.Tracing.Probes.Families;

/// <summary>
/// By what programs show that their threads change stacks: in their own files, in the libraries that they are started with, and, of those
/// that run, in what they have loaded since. Each file is looked into once.
/// </summary>
internal sealed class StackSigns
{
    private readonly Dictionary<FileIdentity, string?> _programs = [], _libraries = [];

    /// <summary>What shows it of a program, whoever runs it; null where nothing does.</summary>
    public string? Of(ProbedBinary program)
    {
        FileIdentity file = program.File.Identity;
        if (!_programs.TryGetValue(file, out string? sign))
        {
            sign = StackSwitching.SignOf(program.Elf)
                ?? SignOf(LibrarySearch.NeededBy(program.Elf, program.File))
                ?? LiveProcess.Running(file).Select(process => SignOf(LibrarySearch.MappedBy(process))).FirstOrDefault(IsSign);
            _programs[file] = sign;
        }

        return sign;
    }

    /// <summary>What shows it of a process; null where nothing does.</summary>
    public string? Of(LiveProcess process)
    {
        if (process.Executable is not { } file)
            return null;
        if (!_programs.TryGetValue(file, out string? sign))
            _programs[file] = sign = In(process.ExecutablePath, StackSwitching.SignOf);
        return sign ?? SignOf(LibrarySearch.MappedBy(process));
    }

    private string? SignOf(IEnumerable<ExecutableFile> libraries) => libraries.Select(SignOf).FirstOrDefault(IsSign);

    private string? SignOf(ExecutableFile library)
    {
        if (!_libraries.TryGetValue(library.Identity, out string? sign))
            _libraries[library.Identity] = sign = In(library.OpenPath, StackSwitching.SignOfLibrary);
        return sign is null ? null : $"{sign} of {Path.GetFileName(library.Path)}";
    }

    private static bool IsSign(string? sign) => sign is not null;

    private static string? In(string path, Func<ElfFile, string?> signOf)
    {
        try
        {
            using ElfFile file = ElfFile.Open(path);
            return signOf(file);
        }
        catch (Exception e) when (e is ElfFormatException or IOException or UnauthorizedAccessException)
        {
            // It has ended, or is nothing that says anything.
            return null;
        }
    }
}
