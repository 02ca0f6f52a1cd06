using System.CommandLine;
using Virtap.Cli.Commands;
using Virtap.Cli.Rendering;
using Virtap.Processes.Access;
using Virtap.Processes.Cores;

namespace Virtap.Cli.Targets;

/// <summary>The options by which a command looks at a core instead of running QEMUs.</summary>
internal sealed class CoreOptions
{
    private readonly Option<string?> _core = new(
        "--core") { Description = "look at a core of QEMU, from gcore or a crash, instead of what runs", HelpName = "file" };
    private readonly Option<string?> _executable = new(
        "--exe") { Description = "with --core: the QEMU that it is of, where it is not at the path that the core names",
        HelpName = "file" };

    /// <summary>Adds them to a command.</summary>
    public CoreOptions(Command command)
    {
        command.Add(_core);
        command.Add(_executable);
    }

    /// <summary>
    /// Opens the core that was named; null for none. What it lacks is told on standard error. It stays open until the command ends.
    /// </summary>
    /// <exception cref="CommandException">There is a program to it, and no core; or one of them is no file.</exception>
    /// <exception cref="ProcessException">It is no core, is damaged, or of another program.</exception>
    public CoreProcess? Open(ParseResult parsed)
    {
        if (parsed.GetValue(_core) is not { } path)
            return parsed.GetValue(_executable) is null
                ? null : throw new CommandException("--exe says which program a core is of: --core is missing");
        string? executable = parsed.GetValue(_executable) is { } program ? FileWord.Check(program) : null;
        CoreProcess core = CoreProcess.Open(FileWord.Check(path), executable);
        if (core.MissingBytes > 0)
            StandardStreams.Report(
                Figures.Invariant($"warning: {path} was cut short: {core.MissingBytes:#,0} bytes of memory are not in it"));
        if (core.IsExecutableVerified is null)
        {
            string named = core.ExecutableName is { } name && name != core.ExecutablePath ? $"; it names {name}" : "";
            StandardStreams.Report(
                $"warning: whether {path} is of {core.ExecutablePath} cannot be checked, as it does not hold the program's first "
                    + $"page{named}");
        }

        return core;
    }
}
