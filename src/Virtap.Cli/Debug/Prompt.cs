using System.Globalization;
using System.Text;
using Virtap.Cli.Commands;
using Virtap.Cli.Rendering;
using Virtap.Cli.Words;
using Virtap.Debugging.Locations;
using Virtap.Debugging.Sessions;
using Virtap.Debugging.Syntax;
using Virtap.Debugging.Values;
using Virtap.Language;
using Virtap.Language.Diagnostics;
using Virtap.Processes.Access;
using Virtap.Processes.Control;
using Virtap.Processes.Stops;

namespace Virtap.Cli.Debug;

/// <summary>The prompt: reads commands, carries them out, and tells what has come of them, in gdb's words.</summary>
internal sealed partial class Prompt
{
    private const string Sign = "(virtap) ";

    private readonly DebugSession _session;
    private readonly DebugRequest _request;
    private readonly FrameText _frameText;
    private readonly SourceLines _source = new();
    private readonly WakeableInput _input = new();
    private readonly LineEditor _editor;
    private readonly Stack<Queue<string>> _lines = new();
    private readonly bool _isTerminal = LineEditor.IsTerminal;
    private volatile bool _isEnding, _isStopAsked;
    private bool _hasFailed, _isTyped, _isDone;
    private string _lastCommand = "";

    public Prompt(DebugSession session, DebugRequest request)
    {
        (_session, _request) = (session, request);
        _frameText = new FrameText(session);
        _editor = new LineEditor(_input, Complete);
        session.Noticed = Notice;
        _arguments = [.. request.Command.Skip(1)];
    }

    /// <summary>Ctrl-C: a process that runs is stopped; whatever else goes on is broken off.</summary>
    public void Interrupt()
    {
        _isStopAsked = true;
        _session.Interrupt();
    }

    /// <summary>Ends the session as soon as the process has stopped, which is then let go.</summary>
    public void End()
    {
        _isEnding = true;
        _isStopAsked = true;
        _session.Interrupt();
        _input.Wake();
    }

    /// <summary>Runs the session to its end.</summary>
    /// <returns>The exit status.</returns>
    public int Run()
    {
        Greet();
        foreach (StartCommand start in _request.Start)
        {
            if (_isEnding || _isDone)
                break;
            if (start.IsFile)
                Source(start.Text);
            else
                ExecuteLine(start.Text, isTyped: !_request.IsBatch);
        }

        while (!_request.IsBatch && !_isEnding && !_isDone)
        {
            if (ReadLine() is not { } line || _isEnding)
                break;
            // An empty line is the last command once more.
            if (line.Trim().Length == 0)
                line = _lastCommand;
            ExecuteLine(line, isTyped: true);
        }

        Leave();
        return _request.IsBatch && _hasFailed ? ExitStatus.Failure : ExitStatus.Success;
    }

    /// <summary>Carries out a line; what is wrong with it is told.</summary>
    /// <param name="line">The line.</param>
    /// <param name="isTyped">Whether somebody types, who is told what is being done.</param>
    /// <param name="location">Where in a file of commands it stands; null for nowhere.</param>
    /// <returns>Whether nothing was wrong.</returns>
    private bool ExecuteLine(string line, bool isTyped, string? location = null)
    {
        bool before = _isTyped;
        _isTyped = isTyped;
        _isStopAsked = false;
        _session.ForgetInterrupt();
        // In this order: who ends the session says so first and interrupts then.
        if (_isEnding)
            return false;
        try
        {
            Execute(line);
            _hasFailed = false;
            return true;
        }
        catch (Exception e) when (Reason(e) is { } reason)
        {
            if (location is not null)
                Complain($"{location}: Error in sourced command file:");
            Complain(reason);
            _hasFailed = true;
            return false;
        }
        finally
        {
            _isTyped = before;
            StandardStreams.Output.Flush();
        }
    }

    /// <summary>What is wrong, of all that can be wrong with a command; null for what is a mistake of ours.</summary>
    internal static string? Reason(Exception e) => e switch
    {
        ExpressionException { Hint: { } hint } => $"{e.Message}\nhint: {hint}",
        LocationException { Hint: { } hint } => $"{e.Message}\nhint: {hint}",
        ValueException or LocationException or PromptException or InferiorGoneException or ProcessException
            or CommandException => e.Message,
        ThreadStopException stop => "the process cannot be debugged: " + StopWords.Of(stop),
        IOException or UnauthorizedAccessException => e.Message,
        _ => null,
    };

    private void Execute(string line)
    {
        line = line.Trim();
        if (line.Length == 0 || line[0] == '#')
            return;
        int end = 0;
        while (end < line.Length && (char.IsLetterOrDigit(line[end]) || line[end] is '_' or '-'))
            end++;
        string word = line[..end], rest = line[end..].Trim();
        if (word.Length > 1 && word[0] == 'x' && word[1..].All(char.IsAsciiDigit))
            (word, rest) = ("x", word[1..] + rest);
        if (word is "call" or "return" or "jump")
            throw new PromptException($"{word} is not there: nothing of the target is written, its registers neither");
        IReadOnlyList<string> found = CommandNames.Find(word);
        if (found is not [var name])
            throw new PromptException(
                found.Count == 0 || word.Length == 0 ? $"Undefined command: \"{(word.Length > 0 ? word : line)}\".  Try \"help\"."
                    : $"Ambiguous command \"{line}\": {string.Join(", ", found)}.");
        _lastCommand = name is "list" or "x" ? name : line;
        Execute(name, rest);
    }

    private void Execute(string name, string rest)
    {
        switch (name)
        {
            case "break" or "tbreak":
                Break(rest, isTemporary: name == "tbreak");
                break;
            case "watch":
                Watch(rest);
                break;
            case "condition":
                Condition(rest);
                break;
            case "ignore":
                Ignore(rest);
                break;
            case "commands":
                Commands(rest);
                break;
            case "delete":
                Delete(rest);
                break;
            case "clear":
                Clear(rest);
                break;
            case "enable" or "disable":
                Enable(rest, name == "enable");
                break;
            case "run" or "start":
                Start(rest, toMain: name == "start");
                break;
            case "continue":
                ContinueTimes(rest);
                break;
            case "next" or "step" or "nexti" or "stepi":
                StepTimes(name, rest);
                break;
            case "finish":
                Finish();
                break;
            case "until" or "advance":
                Until(name, rest);
                break;
            case "signal":
                GiveSignal(rest);
                break;
            case "detach":
                Detach();
                break;
            case "kill":
                Kill();
                break;
            case "quit":
                _isDone = true;
                break;
            default:
                ExecuteQuery(name, rest);
                break;
        }
    }

    private void ExecuteQuery(string name, string rest)
    {
        switch (name)
        {
            case "print" or "output":
                Print(rest, isOutput: name == "output");
                break;
            case "printf":
                WriteText(Printf(rest));
                break;
            case "echo":
                WriteText(Unescape(rest));
                break;
            case "display":
                Display(rest);
                break;
            case "undisplay":
                Undisplay(rest);
                break;
            case "x":
                Examine(rest);
                break;
            case "ptype":
                bool withOffsets = rest.StartsWith("/o", StringComparison.Ordinal);
                WriteLine(_session.Expressions.Define(Given(withOffsets ? rest[2..].Trim() : rest), withOffsets));
                break;
            case "whatis":
                WriteLine($"type = {_session.Expressions.WhatIs(Given(rest))}");
                break;
            case "list":
                List(rest);
                break;
            case "disassemble":
                Disassemble(rest);
                break;
            case "backtrace":
                Backtrace(rest);
                break;
            case "frame" or "up" or "down":
                MoveFrame(name, rest);
                break;
            case "thread":
                ThreadCommand(rest);
                break;
            case "info":
                Info(rest);
                break;
            case "handle":
                Handle(rest);
                break;
            case "set":
                Set(rest);
                break;
            case "show":
                Show(rest);
                break;
            case "source":
                Source(Given(rest));
                break;
            default:
                Help(rest);
                break;
        }
    }

    private void Source(string path)
    {
        string[] lines = File.ReadAllLines(path);
        var queue = new Queue<string>(lines);
        _lines.Push(queue);
        try
        {
            while (queue.TryDequeue(out string? line) && !_isEnding && !_isDone)
            {
                // As in gdb, a file ends at its first error.
                if (!ExecuteLine(line, isTyped: false, Figures.Invariant($"{path}:{lines.Length - queue.Count}")))
                    break;
            }
        }
        finally
        {
            _lines.Pop();
        }
    }

    private static void Help(string rest)
    {
        IReadOnlyList<string> found = rest.Length == 0 ? [.. CommandNames.All.Select(static each => each.Name)] : CommandNames.Find(rest);
        if (found.Count == 0)
            throw new PromptException($"Undefined command: \"{rest}\".  Try \"help\".");
        foreach ((string name, string help) in CommandNames.All.Where(each => found.Contains(each.Name)))
            WriteLine($"{name} {help}");
    }

    private static string Given(string text) => text.Length > 0 ? text : throw new PromptException("Argument required (an expression).");

    private static void WriteLine(string text) => WriteText(text + "\n");

    /// <summary>Writes text, of which what a terminal would obey is quoted.</summary>
    private static void WriteText(string text)
    {
        var quoted = new StringBuilder();
        int start = 0;
        for (int at = 0; at <= text.Length; at++)
        {
            if (at < text.Length && text[at] is not ('\n' or '\t'))
                continue;
            quoted.Append(PrintableText.OfLine(text[start..at]));
            if (at < text.Length)
                quoted.Append(text[at]);
            start = at + 1;
        }

        StandardStreams.Output.Write(quoted.ToString());
    }

    private static void Complain(string reason)
    {
        foreach (string line in reason.Split('\n'))
            StandardStreams.Report(line);
    }
}

/// <summary>A command cannot be carried out. The message is gdb's where gdb has one.</summary>
internal sealed class PromptException(string message) : Exception(message);
