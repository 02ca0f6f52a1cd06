using System.CommandLine;
using Virtap.Cli.Commands;
using Virtap.Cli.Tracers;

namespace Virtap.Cli.Debug;

/// <summary><c>virtap debug</c>: gdb's prompt for a process, a core or a program.</summary>
internal static class DebugCommand
{
    public static Command Create()
    {
        var target = new Argument<string[]>("target")
        {
            Description = "a process id, a virtual machine by its name, a core, or behind -- a program with its arguments",
            HelpName = "pid|name|core|-- command",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var executable = new Option<string?>("--exe")
        {
            Description = "the program that a core is of, where it is not at the path that the core names", HelpName = "file",
        };
        var commands = new Option<string[]>("--eval-command", "-ex")
        {
            Description = "a command to begin with; as often as you like, in the order of the line", HelpName = "command",
        };
        var files = new Option<string[]>("--command", "-x") { Description = "a file of commands to begin with", HelpName = "file" };
        var batch = new Option<bool>("--batch") { Description = "end when those are done; a process that was attached to goes on" };
        var adapter = new Option<bool>("--dap")
        {
            Description = "speak the Debug Adapter Protocol on standard input and output: for editors, which say what to debug",
        };
        var command = new Command("debug", """
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
            """) { target, executable, commands, files, batch, adapter };
        command.SetAction(parsed => Run(parsed.Tokens.Select(static token => token.Value).ToArray()));
        return command;
    }

    /// <summary>Runs it: in a process of its own.</summary>
    /// <returns>The exit status.</returns>
    public static int Run(string[] words)
    {
        // What is wrong with the line is told before anything is started.
        _ = Parse(words);
        return TracerFront.Run(DebugBack.Word, "debugger", words);
    }

    /// <summary>What a command line asks for; the order of -ex and -x counts.</summary>
    /// <exception cref="CommandException">It asks for nothing that can be debugged.</exception>
    internal static DebugRequest Parse(IReadOnlyList<string> words)
    {
        List<StartCommand> start = [];
        List<string> target = [];
        string? executable = null;
        bool isBatch = false, isAdapter = false;
        for (int at = 0; at < words.Count; at++)
        {
            string word = words[at];
            string? value = null;
            int equals = word.IndexOf('=', StringComparison.Ordinal);
            if (word.StartsWith("--", StringComparison.Ordinal) && equals > 0)
                (word, value) = (word[..equals], word[(equals + 1)..]);
            switch (word)
            {
                case "-ex" or "--eval-command":
                    start.Add(new StartCommand(value ?? Next(), IsFile: false));
                    break;
                case "-x" or "--command":
                    start.Add(new StartCommand(value ?? Next(), IsFile: true));
                    break;
                case "--exe":
                    executable = value ?? Next();
                    break;
                case "--batch" or "-batch":
                    isBatch = true;
                    break;
                case "--dap":
                    isAdapter = true;
                    break;
                case "--":
                    return new DebugRequest(null, words.Skip(at + 1).ToList(), executable, start, isBatch);
                default:
                    target.Add(words[at]);
                    break;
            }

            string Next() => ++at < words.Count ? words[at] : throw new CommandException($"{word} wants a value");
        }

        if (isAdapter)
            return target.Count == 0 && executable is null && start.Count == 0 && !isBatch
                ? new DebugRequest(null, [], null, [], isBatch) { IsAdapter = true }
                : throw new CommandException("--dap stands alone: what is to be debugged, and how, the editor's requests say");
        return target switch
        {
            [var one] => new DebugRequest(one, [], executable, start, isBatch),
            [] => throw new CommandException("what is to be debugged? A process id, a core, or -- and a program with its arguments"),
            _ => throw new CommandException(
                $"one target, not {target.Count}; a program's arguments stand behind --: -- {string.Join(' ', target)}"),
        };
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
}

/// <summary>A command, or a file of commands, to begin with.</summary>
internal sealed record StartCommand(string Text, bool IsFile);
