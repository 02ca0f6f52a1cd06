using System.CommandLine;
using System.CommandLine.Parsing;
using Virtap.Cli.Commands;
using Virtap.Cli.Debug.Prompts;
using Virtap.Cli.Tracers;

namespace Virtap.Cli.Debug;

/// <summary><c>virtap debug</c>: gdb's prompt for a process, a core or a program.</summary>
internal sealed class DebugCommand
{
    private readonly Argument<string[]> _target = new("target")
    {
        Description = "a process id, a virtual machine by its name, a core, or behind -- a program with its arguments",
        HelpName = "pid|name|core|-- command",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string?> _executable = new("--exe")
    {
        Description = "the program that a core is of, where it is not at the path that the core names", HelpName = "file",
    };

    private readonly Option<string[]> _commands = new("--eval-command", "-ex")
    {
        Description = "a command to begin with; as often as you like, in the order of the line", HelpName = "command",
    };

    private readonly Option<string[]> _files = new("--command", "-x")
    {
        Description = "a file of commands to begin with", HelpName = "file",
    };

    private readonly Option<bool> _batch = new("--batch", "-batch")
    {
        Description = "end when those are done; a process that was attached to goes on",
    };

    private readonly Option<bool> _adapter = new("--dap")
    {
        Description = "speak the Debug Adapter Protocol on standard input and output: for editors, which say what to debug",
    };

    private DebugCommand()
    {
        Command = new Command("debug", """
            gdb's prompt: breakpoints, steps, stacks and values of a process, a core or a program

            The commands are gdb's, and may be shortened as there: break, tbreak, condition, ignore, commands, delete, enable, disable,
            watch; continue, next, step, nexti, stepi, finish, until, advance; print, display, undisplay, x, ptype, whatis, list,
            disassemble; bt [full], frame, up, down; thread, thread apply all; info ...; run, handle, detach, kill, quit. help lists them.
            Ctrl-C stops the process. Nothing of its memory is written but breakpoints: set var and calls are refused.

            When the debugger ends, by quit, detach or any signal, the process goes on without breakpoints; what was started with run ends.
            A process has one tracer: where gdb or strace is there already, that is said.

            Examples:
              virtap debug 4711
              virtap debug 4711 -ex 'break virtio_notify_irqfd' -ex continue -ex 'display *vq' -ex continue
              virtap debug 4711 -x session.gdb --batch
              virtap debug core.4711 --exe ./server -ex 'thread apply all bt' --batch
              virtap debug -- ./server --port 80
              virtap debug --dap
            """) { _target, _executable, _commands, _files, _batch, _adapter };
        Command.SetAction(parsed => Run(Read(parsed)));
    }

    private Command Command { get; }

    public static Command Create() => new DebugCommand().Command;

    /// <summary>Runs it: in a process of its own.</summary>
    /// <returns>The exit status.</returns>
    public static int Run(DebugRequest request) => TracerFront.Run(DebugBack.Word, "debugger", [.. request.Words()]);

    /// <summary>What a command line of that process asks for.</summary>
    /// <param name="words">As <see cref="DebugRequest.Words"/> writes them.</param>
    public static DebugRequest Parse(string[] words)
    {
        var command = new DebugCommand();
        return command.Read(command.Command.Parse(words));
    }

    private DebugRequest Read(ParseResult parsed)
    {
        List<Token> tokens = [.. parsed.Tokens];
        int behind = tokens.FindIndex(static token => token.Type == TokenType.DoubleDash);
        string[] command = behind < 0 ? [] : [.. tokens.Skip(behind + 1).Select(static token => token.Value)];
        string[] target = parsed.GetValue(_target)![..^command.Length];
        string? executable = parsed.GetValue(_executable);
        List<StartCommand> start = [.. Start(tokens)];
        bool isBatch = parsed.GetValue(_batch);
        if (target.FirstOrDefault(static word => word.StartsWith('-')) is { } option)
            throw new CommandException($"there is no option '{option}' here: virtap debug --help tells what it takes");
        if (parsed.GetValue(_adapter))
            return target.Length == 0 && behind < 0 && executable is null && start.Count == 0 && !isBatch
                ? new DebugRequest(null, [], null, [], isBatch) { IsAdapter = true }
                : throw new CommandException("--dap stands alone: what is to be debugged, and how, the editor's requests say");
        return (target, command) switch
        {
            ([], []) when behind >= 0 => throw new CommandException("behind -- a program with its arguments is wanted"),
            ([], [_, ..]) => new DebugRequest(null, command, executable, start, isBatch),
            ([var one], []) => new DebugRequest(one, [], executable, start, isBatch),
            ([], []) =>
                throw new CommandException("what is to be debugged? A process id, a core, or -- and a program with its arguments"),
            ([var one], _) => throw new CommandException($"either {one} or the program behind -- is debugged, not both"),
            _ => throw new CommandException(
                $"one target, not {target.Length}; a program's arguments stand behind --: -- {string.Join(' ', target)}"),
        };
    }

    /// <summary>Commands and files in the order of the line, which the two options' values have lost.</summary>
    private IEnumerable<StartCommand> Start(List<Token> tokens)
    {
        for (int at = 0; at + 1 < tokens.Count && tokens[at].Type != TokenType.DoubleDash; at++)
        {
            if (tokens[at].Type != TokenType.Option)
                continue;
            bool isFile = Is(_files, tokens[at].Value);
            if (isFile || Is(_commands, tokens[at].Value))
                yield return new StartCommand(tokens[at + 1].Value, isFile);
        }

        static bool Is(Option option, string word) => option.Name == word || option.Aliases.Contains(word);
    }
}

/// <summary>What a command line asks for.</summary>
/// <param name="Target">A process id, a core or a program; null for a command.</param>
/// <param name="Command">A program and its arguments.</param>
/// <param name="Executable">The program that a core is of.</param>
/// <param name="Start">Commands to begin with.</param>
/// <param name="IsBatch">Whether that is all.</param>
internal sealed record DebugRequest(
    string? Target, IReadOnlyList<string> Command, string? Executable, IReadOnlyList<StartCommand> Start, bool IsBatch)
{
    /// <summary>Whether an editor says all else, by the debug adapter protocol.</summary>
    public bool IsAdapter { get; init; }

    /// <summary>A command line that asks for this.</summary>
    public IEnumerable<string> Words()
    {
        if (IsAdapter)
            yield return "--dap";
        if (Executable is not null)
            yield return $"--exe={Executable}";
        // As one word, since the text may begin as options do; an empty command does nothing.
        foreach (StartCommand each in Start.Where(static each => each.Text.Length > 0))
            yield return (each.IsFile ? "--command=" : "--eval-command=") + each.Text;
        if (IsBatch)
            yield return "--batch";
        if (Target is not null)
            yield return Target;
        if (Command.Count == 0)
            yield break;
        yield return "--";
        foreach (string word in Command)
            yield return word;
    }
}
