using System.CommandLine;
using Virtap.Binaries.Elf;
using Virtap.Binaries.Marks;
using Virtap.Binaries.Marks.Catalog;
using Virtap.Cli.Commands;
using Virtap.Cli.Rendering;
using Virtap.Cli.Targets;
using Virtap.Processes.Access;
using Virtap.Processes.Programs;
using Virtap.Virtio.Devices;

namespace Virtap.Cli.Marks;

/// <summary><c>virtap marks</c>: the marks of a binary, with what each tells.</summary>
internal static class MarksCommand
{
    public static Command Create()
    {
        var target = new Argument<string?>("target")
        {
            Description = "a process id, a virtual machine by its name, or a program (searched along $PATH); by default the QEMU that runs",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var pattern = new Argument<string>("glob")
        {
            Description = "which marks: a name with * ? [], or PROVIDER:NAME",
            Arity = ArgumentArity.ZeroOrOne,
            DefaultValueFactory = _ => "*",
        };
        var json = new Option<bool>("--json") { Description = "as JSON, with all sites" };
        var command = new Command("marks", """
            the marks of a binary, SDT notes or QEMU's trace points recovered from its code: their arguments and sites

            Examples:
              virtap marks                                     the running QEMU's
              virtap marks 4711 'virtio_*'
              virtap marks /usr/lib/x86_64-linux-gnu/libc.so.6 'libc:setjmp' --json
            """) { target, pattern, json };
        command.SetAction(parsed => Run(parsed.GetValue(target), parsed.GetRequiredValue(pattern), parsed.GetValue(json)));
        return command;
    }

    private static int Run(string? target, string glob, bool asJson)
    {
        (string path, string openPath, int? process) = Find(target);
        using ElfFile file = Open(path, openPath, process);
        var catalog = new MarkCatalog(file);
        int colon = glob.IndexOf(':', StringComparison.Ordinal);
        var pattern = colon < 0 ? new MarkPattern(glob) : new MarkPattern(glob[(colon + 1)..], glob[..colon]);
        IReadOnlyList<Mark> marks = catalog.Find(pattern);
        if (marks.Count == 0)
            throw new CommandException($"{path}: no mark matches '{glob}': {catalog.Explain(pattern)}");
        CommandOutput.Write(
            asJson, writer => MarksJson.Write(writer, path, file.Architecture, marks),
            output => MarksText.Write(output, path, file.Architecture, marks));
        return ExitStatus.Success;
    }

    private static ElfFile Open(string path, string openPath, int? process)
    {
        try
        {
            return ElfFile.Open(openPath, path);
        }
        catch (UnauthorizedAccessException) when (process is { } id)
        {
            throw ProcessException.Denied(id, "the program");
        }
    }

    private static (string Path, string OpenPath, int? Process) Find(string? target)
    {
        if (target is null)
        {
            return QemuPrograms.Running() switch
            {
                [var only] => (only.ExecutableName ?? only.Name, only.ExecutablePath, only.Id),
                [] => throw new CommandException($"{RunningQemus.DescribeNone()}; name a process or a program{Installed()}"),
                var several => throw new CommandException($"several QEMUs are running; name one: {string.Join(", ", several)}"),
            };
        }

        if (DebugTargetWord.FindProcess(target) is { } process)
            return (process.ExecutableName ?? process.Name, process.ExecutablePath, process.Id);

        // What is not along the path may lie here: a file that is no program by its mode is read as well.
        return ((IEnumerable<ExecutableFile>)[.. ExecutableSearch.Find(target), .. ExecutableSearch.Find("./" + target)]).ToArray()
            is [var found, ..]
            ? (found.Path, found.OpenPath, null)
            : throw new CommandException($"there is no program '{target}'{Installed()}{ProcessWord.OutOfSight()}");
    }

    private static string Installed()
    {
        IReadOnlyList<QemuProgram> all = QemuPrograms.All();
        return all.Count == 0 ? "" : $" (QEMUs on this host: {string.Join(", ", all.Select(q => q.Path).Distinct())})";
    }
}
