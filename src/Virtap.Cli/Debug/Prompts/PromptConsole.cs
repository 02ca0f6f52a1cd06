using Virtap.Cli.Typing;
using static Virtap.Cli.Debug.Prompts.PromptOutput;

namespace Virtap.Cli.Debug.Prompts;

/// <summary>Where lines come from: a terminal, standard input, or a file of commands, which may name another one.</summary>
/// <param name="complete">Given a line up to the cursor, what its last word may become.</param>
internal sealed class PromptConsole(Func<string, IReadOnlyList<string>> complete)
{
    private const string Sign = "(virtap) ";

    private readonly WakeableInput _input = new();
    private readonly Stack<Queue<string>> _files = new();
    private LineEditor? _editor;

    /// <summary>Whether somebody sits there.</summary>
    public bool IsTerminal { get; } = LineEditor.IsTerminal;

    /// <summary>Whether the command that is carried out was typed by somebody, who is told what is being done.</summary>
    public bool IsTyped { get; set; }

    /// <summary>Whether what cannot be undone is asked for once more (<c>set confirm</c>).</summary>
    public bool IsAsking { get; set; } = true;

    private LineEditor Editor => _editor ??= new LineEditor(_input, complete);

    /// <summary>From whatever thread: there is nothing to be read any more.</summary>
    public void Wake() => _input.Wake();

    /// <summary>Reads a command; null at the end.</summary>
    public string? ReadCommand()
    {
        Flush();
        if (IsTerminal)
            return Editor.Read(Sign);
        WriteText(Sign);
        Flush();
        string? line = _input.ReadLine();
        if (line is null)
            WriteText("\n");
        return line;
    }

    /// <summary>The next line of a command that goes on over several, from where that command is from; null at the end.</summary>
    public string? ReadFurtherLine()
    {
        if (_files.TryPeek(out Queue<string>? lines))
            return lines.TryDequeue(out string? line) ? line : null;
        return IsTerminal ? Editor.Read(">") : _input.ReadLine();
    }

    /// <summary>Takes lines from a file, until <see cref="LeaveFile"/>.</summary>
    /// <returns>The lines that are left of it.</returns>
    public Queue<string> EnterFile(string[] lines)
    {
        _files.Push(new Queue<string>(lines));
        return _files.Peek();
    }

    /// <summary>Takes lines from where they came before.</summary>
    public void LeaveFile() => _files.Pop();

    /// <summary>Asks something that is answered by yes or no; where nobody types, it is yes, as in gdb.</summary>
    public bool Ask(string question)
    {
        if (!IsTerminal || !IsTyped || !IsAsking)
            return true;
        WriteText($"{question} (y or n) ");
        Flush();
        return Editor.Read($"{question} (y or n) ")?.Trim() is ['y' or 'Y', ..];
    }
}
