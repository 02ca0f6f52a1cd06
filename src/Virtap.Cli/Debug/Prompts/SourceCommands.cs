using System.Globalization;
using Virtap.Binaries.Dwarf;
using Virtap.Cli.Rendering;
using Virtap.Debugging.Locations;
using Virtap.Debugging.Sessions;
using static Virtap.Cli.Debug.Prompts.PromptOutput;

namespace Virtap.Cli.Debug.Prompts;

/// <summary>Source lines: <c>list</c>.</summary>
internal sealed class SourceCommands(DebugSession session, FrameView view)
{
    /// <summary>How many lines are shown at once.</summary>
    public int ListSize { get; set; } = 10;

    /// <summary><c>list</c>.</summary>
    public void List(string rest)
    {
        if (rest.Length == 0 || rest == "-")
        {
            if (view.Listed is not var (file, first, last))
            {
                SourceLine line = session.Listed ?? session.Find("main") switch
                {
                    [{ Line: { } main }, ..] => main.Source,
                    _ => throw new PromptException("No symbol table is loaded.  Use the \"file\" command."),
                };
                ListAround(line);
            }
            else if (rest == "-")
            {
                if (first <= 1)
                    throw new PromptException("Already at the start of " + Path.GetFileName(file) + ".");
                ListLines(file, Math.Max(first - ListSize, 1), first - 1);
            }
            else
            {
                ListLines(file, last + 1, last + ListSize);
            }

            return;
        }

        int comma = rest.IndexOf(',', StringComparison.Ordinal);
        if (comma < 0)
        {
            ListAround(LineOf(rest));
            return;
        }

        string from = rest[..comma].Trim(), to = rest[(comma + 1)..].Trim();
        if (from.Length > 0)
        {
            SourceLine first = LineOf(from);
            ListLines(first.File, first.Line, to.Length > 0 ? LineOf(to).Line : first.Line + ListSize - 1);
        }
        else
        {
            SourceLine last = LineOf(to);
            ListLines(last.File, Math.Max(last.Line - ListSize + 1, 1), last.Line);
        }
    }

    private void ListAround(SourceLine line)
    {
        int first = Math.Max(line.Line - (ListSize / 2), 1);
        ListLines(line.File, first, first + ListSize - 1);
    }

    private void ListLines(string file, int first, int last)
    {
        int count = view.Source.Count(file) ?? throw new PromptException($"{file}: No such file or directory.");
        if (first > count)
            throw new PromptException(Figures.Invariant($"Line number {first} out of range; \"{file}\" has {count} lines."));
        foreach (string line in view.Source.Lines(file, first, last))
            WriteLine(line);
        view.Listed = (file, first, Math.Min(last, count));
    }

    /// <summary>The line that a place means: a number itself, a function's the one that its code begins with.</summary>
    private SourceLine LineOf(string location)
    {
        int colon = location.LastIndexOf(':');
        string number = colon > 0 ? location[(colon + 1)..] : location;
        if (int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int line))
        {
            string file = colon > 0 ? Known(location[..colon])
                : view.Listed?.File ?? session.Listed?.File ?? session.Find("main")[0].Line?.Source.File ?? "";
            return new SourceLine(file, line);
        }

        CodeLocation found = session.Find(location, skipsPrologue: false)[0];
        return found.Line?.Source ?? throw new PromptException($"Function \"{location}\" has no line information.");
    }

    private string Known(string file) => session.Target.Images().Select(image => image.Debug?.FindFile(file))
        .FirstOrDefault(static found => found is not null) ?? throw new PromptException($"No source file named {file}.");
}
