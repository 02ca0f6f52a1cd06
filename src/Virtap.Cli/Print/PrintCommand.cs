using System.CommandLine;
using System.CommandLine.Parsing;
using Virtap.Cli.Commands;
using Virtap.Cli.Options;
using Virtap.Cli.Rendering;
using Virtap.Cli.Targets;
using Virtap.Cli.Words;
using Virtap.Debugging;
using Virtap.Debugging.Evaluation;
using Virtap.Debugging.Printing;
using Virtap.Debugging.Syntax;
using Virtap.Debugging.Targets;
using Virtap.Processes.Cores;
using Virtap.Processes.Stacks;
using Virtap.Watch.Targets;

namespace Virtap.Cli.Print;

/// <summary><c>virtap print</c>: C expressions about a process, a core or a program, as gdb prints them.</summary>
internal static class PrintCommand
{
    public static Command Create()
    {
        var target = DebugTargetWord.Argument();
        var expressions = new Argument<string[]>("expression")
        {
            Description = "C expressions, each perhaps with a format before it: '/x vq->inuse'", Arity = ArgumentArity.OneOrMore,
        };
        var format = new Option<string?>("--format", "-f")
        {
            Description = "how numbers are printed, as behind gdb's print/: x d u o t a c f s z", HelpName = "letter",
        };
        var settings = new Option<string[]>("--set", "-s")
        {
            Description = "as gdb's set print: 'print pretty on', 'print elements 20', 'print repeats unlimited', ...",
            HelpName = "setting",
        };
        var types = new Option<bool>("--type", "-t") { Description = "the type of each expression instead of its value (whatis)" };
        var executable = DebugTargetWord.Executable();
        var thread = new Option<int?>("--thread")
        {
            Description = "of a core: the thread whose registers and local variables are meant (default: the one that it ended in)",
            HelpName = "tid",
        };
        var json = new Option<bool>("--json") { Description = "as JSON" };
        var command = new Command("print", """
            C expressions about a process, a core or a program: values as gdb prints them, without stopping anything

            Expressions are gdb's: variables of the program, casts, arithmetic, &, sizeof, a@n for n elements from a on, 'file.c'::name,
            function::name, $reg of a core's thread, (type) address, {type} address, $1 for what was printed before. Nothing is written and
            nothing is called.
            Of a QEMU without debug information the virtio structures are known from its code: vdev(NAME) is a device's VirtIODevice.
            A structure of a running process is read at once; two are not of one moment.

            Settings (--set, as often as you like): print pretty, elements, repeats, union, address, symbol, array, array-indexes,
            null-stop, static-members, max-depth. Exit status 1 where an expression has no value.

            Examples:
              virtap print 4711 '*vdev(disk0)->vq'
              virtap print 4711 'vdev(disk0)->vq[0].vring.num' '/x vdev(disk0)->guest_features'
              virtap print 4711 '*vq' --set 'print pretty on'
              virtap print 4711 'names[0]@3' 'sizeof(struct node)' "'list.c'::head"
              virtap print core.4711 '*(struct node *) 0x55d0c9a4b2a0' --exe ./server
              virtap print ./server 'limits' --json
            """) { target, expressions, format, settings, types, executable, thread, json };
        command.SetAction(parsed => Run(
            parsed.GetRequiredValue(target), parsed.GetValue(executable), parsed.GetRequiredValue(expressions),
            PrintSettings.Read(parsed.GetValue(settings) ?? [], parsed.GetValue(format)), parsed.GetValue(types), parsed.GetValue(thread),
            parsed.GetValue(json)));
        return command;
    }

    private static int Run(
        string word, string? executable, string[] expressions, PrintOptions options, bool onlyTypes, int? thread, bool asJson)
    {
        using DebugTarget target = DebugTargetWord.Open(word, executable);
        DebugTargetWord.ReportProblem(target);
        var session = new ExpressionSession(new TargetScope(target, FrameOf(target, thread), new RecoveredQemu(target)));
        List<PrintResult> results = [.. expressions.Select(each => Evaluate(session, each, options, onlyTypes))];
        if (asJson)
            JsonOutput.Write(writer => PrintJson.Write(writer, results));
        else
            WriteText(results, target);
        return results.TrueForAll(static result => result.Error is null) ? ExitStatus.Success : ExitStatus.Failure;
    }

    /// <summary>
    /// Where a core's thread stood. A running process has none: it goes on while it is looked at. The kernel writes the thread that the
    /// process died in first.
    /// </summary>
    private static StackFrame? FrameOf(DebugTarget target, int? thread)
    {
        if (target.Process is not CoreProcess core)
            return thread is null ? null : throw new CommandException("--thread is for cores: whatever runs is not stopped");
        CoreThread? chosen = thread is int id
            ? core.Threads.FirstOrDefault(each => each.Id == id)
                ?? throw new CommandException(
                    $"the core has no thread {id}; it has {string.Join(", ", core.Threads.Select(static each => each.Id))}")
            : core.Threads is [var first, ..] ? first : null;
        return chosen?.Registers is { } registers ? StackFrame.Innermost(registers) : null;
    }

    private static void WriteText(List<PrintResult> results, DebugTarget target)
    {
        using TextOutput output = TextOutput.StandardOutput();
        foreach (PrintResult result in results)
        {
            if (result.Error is { } error)
            {
                output.Flush();
                ExpressionWords.Report(result.Expression, error, target);
            }
            else
            {
                string text = result.Number is int number ? Figures.Invariant($"${number} = {result.Text}") : $"type = {result.Text}";
                foreach (string line in text.Split('\n'))
                    output.WriteLine(line);
            }
        }

        output.Flush();
    }

    private static PrintResult Evaluate(ExpressionSession session, string word, PrintOptions options, bool onlyType)
    {
        (char? letter, string expression) = PrintSettings.SplitFormat(word);
        if (letter is not null)
            options = options with { Format = letter };

        try
        {
            if (onlyType)
                return new PrintResult(expression, null, session.WhatIs(expression), session.WhatIs(expression), null);
            PrintedValue printed = session.Print(expression, options);
            return new PrintResult(expression, printed.Number, printed.Type, printed.Text, null) { Address = printed.Value.Address };
        }
        catch (ExpressionException e)
        {
            return new PrintResult(expression, null, null, null, e);
        }
    }
}

/// <summary>What came of an expression.</summary>
/// <param name="Expression">The expression.</param>
/// <param name="Number">Its place in the history; null where only its type was asked for.</param>
/// <param name="Type">Its type.</param>
/// <param name="Text">Its value, or its type.</param>
/// <param name="Error">Why it has none.</param>
internal sealed record PrintResult(string Expression, int? Number, string? Type, string? Text, ExpressionException? Error)
{
    /// <summary>Where the value lies.</summary>
    public ulong? Address { get; init; }
}
