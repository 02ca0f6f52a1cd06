using System.CommandLine;
using System.Globalization;
using Virtap.Binaries.Dwarf;
using Virtap.Binaries.Elf;
using Virtap.Cli.Commands;
using Virtap.Cli.Rendering;
using Virtap.Debugging.Targets;
using Virtap.Processes;
using Virtap.Processes.Access;
using Virtap.Processes.Cores;
using Virtap.Processes.Programs;
using Virtap.Virtio.Devices;

namespace Virtap.Cli.Targets;

/// <summary>
/// The word that says what expressions are about: a process id, a core, a program, or the name of a virtual machine that runs. A file of
/// that name comes first.
/// </summary>
internal static class DebugTargetWord
{
    /// <summary>The argument of a command that takes such a word.</summary>
    public static Argument<string> Argument() => new("target")
    {
        Description = "a process id, a virtual machine by its name, a core, or a program (searched along $PATH)",
        HelpName = "pid|name|core|path",
    };

    /// <summary>The option that says which program a core is of.</summary>
    public static Option<string?> Executable() => new("--exe")
    {
        Description = "the program that a core is of, where it is not at the path that the core names", HelpName = "file",
    };

    /// <summary>Opens what a word names.</summary>
    /// <exception cref="CommandException">There is none, or it is no ELF file.</exception>
    /// <exception cref="ProcessException">It has ended, or may not be looked into.</exception>
    public static DebugTarget Open(string word, string? executable)
    {
        DebugFileSearch search = DebugFileSearch.OfSystem;
        if (FindProcess(word) is { } process)
            return DebugTarget.Of(process, search);
        string path = File.Exists(word) ? word : ExecutableSearch.Find(word) is [var found, ..] ? found.OpenPath
            : throw new CommandException($"there is no process, virtual machine, core or program '{word}'{ProcessWord.OutOfSight()}");
        try
        {
            using ElfFile file = ElfFile.Open(path);
            if (file.Kind != ElfKind.Core)
                return executable is null ? DebugTarget.OfFile(path, search)
                    : throw new CommandException($"--exe says which program a core is of: {word} is none");
        }
        catch (ElfFormatException e)
        {
            throw new CommandException(e.Message);
        }

        CoreProcess core = CoreProcess.Open(path, executable is null ? null : FileWord.Check(executable));
        if (core.MissingBytes > 0)
            StandardStreams.Report(
                Figures.Invariant($"warning: {path} was cut short: {core.MissingBytes:#,0} bytes of memory are not in it"));
        return DebugTarget.Of(core, search);
    }

    /// <summary>The process that a word names; null for a file's name, and for what is nothing.</summary>
    /// <exception cref="ProcessException">There is no process of that id.</exception>
    public static LiveProcess? FindProcess(string word)
    {
        bool isNumber = int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int id);
        if (!isNumber && (File.Exists(word) || ExecutableSearch.Find(word).Any()))
            return null;
        return isNumber ? LiveProcess.Get(id) : RunningQemus.Named(word);
    }

    /// <summary>Tells on standard error where a target has no debug information, and why nothing of it was read.</summary>
    public static void ReportProblem(DebugTarget target)
    {
        if (target.Program.Debug is null && target.Program.Problem is { } problem)
            StandardStreams.Report($"warning: {problem}");
    }
}
