using System.Globalization;
using Virtap.Cli.Rendering;
using Virtap.Debugging.Locations;
using Virtap.Debugging.Sessions;
using Virtap.Processes.Cores;
using static Virtap.Cli.Debug.Prompts.CommandArguments;
using static Virtap.Cli.Debug.Prompts.PromptOutput;

namespace Virtap.Cli.Debug.Prompts;

/// <summary>Breakpoints and watchpoints.</summary>
internal sealed class BreakpointCommands(DebugSession session, PromptConsole console, DisplayList displays)
{
    /// <summary><c>break</c>, <c>tbreak</c>.</summary>
    public void Break(string rest, bool isTemporary)
    {
        RequireCode();
        (string location, string? condition) = ConditionClause.Split(rest);
        int? thread = null;
        int at = $" {location} ".IndexOf(" thread ", StringComparison.Ordinal);
        if (at >= 0)
        {
            thread = Number(location[(at + "thread ".Length)..].Trim());
            location = location[..at].Trim();
            if (session.Inferior?.Threads.All(each => each.Number != thread) != false)
                throw new PromptException(Figures.Invariant($"Unknown thread {thread}."));
        }

        Breakpoint made = session.Break(location, isTemporary, condition, thread);
        WriteLine(BreakpointText.Made(made));
    }

    /// <summary><c>watch</c>.</summary>
    public void Watch(string rest)
    {
        _ = Require.Process(session);
        (string expression, string? condition) = ConditionClause.Split(Given(rest));
        Breakpoint watch = session.Watch(expression);
        watch.Condition = condition;
        WriteLine(Figures.Invariant($"Watchpoint {watch.Number}: {expression}"));
    }

    /// <summary><c>condition</c>.</summary>
    public void Condition(string rest)
    {
        (string number, string condition) = SplitWord(rest);
        Breakpoint breakpoint = Find(number);
        if (condition.Length == 0)
        {
            breakpoint.Condition = null;
            WriteLine(Figures.Invariant($"Breakpoint {breakpoint.Number} now unconditional."));
            return;
        }

        if (breakpoint.Locations is [var location, ..])
            session.CheckCondition(condition, location);
        breakpoint.Condition = condition;
    }

    /// <summary><c>ignore</c>.</summary>
    public void Ignore(string rest)
    {
        (string number, string count) = SplitWord(rest);
        Breakpoint breakpoint = Find(number);
        if (count.Length == 0)
            throw new PromptException("Second argument (specified ignore-count) is missing.");
        breakpoint.IgnoreCount = Number(count);
        if (console.IsTyped)
            WriteLine(BreakpointText.Ignored(breakpoint));
    }

    /// <summary><c>commands</c>.</summary>
    public void Commands(string rest)
    {
        Breakpoint breakpoint = rest.Length > 0 ? Find(rest)
            : session.Breakpoints is [.., var last] ? last : throw new PromptException("No breakpoints specified.");
        if (console.IsTyped && console.IsTerminal)
            WriteLine(Figures.Invariant(
                $"Type commands for breakpoint(s) {breakpoint.Number}, one per line.\nEnd with a line saying just \"end\"."));
        List<string> commands = [];
        while (console.ReadFurtherLine() is { } line && line.Trim() != "end")
            commands.Add(line.Trim());
        breakpoint.Commands = commands;
    }

    /// <summary><c>delete</c>.</summary>
    public void Delete(string rest)
    {
        if (rest.StartsWith("display", StringComparison.Ordinal))
        {
            displays.Delete(rest["display".Length..].Trim());
            return;
        }

        if (rest.Length == 0 && session.Breakpoints.Count > 0 && !console.Ask("Delete all breakpoints?"))
            return;
        foreach (Breakpoint each in Several(rest))
            session.Delete(each);
    }

    /// <summary><c>clear</c>.</summary>
    public void Clear(string rest)
    {
        HashSet<ulong> addresses = [.. session.Find(rest).Select(static location => location.Address)];
        List<Breakpoint> found = [
            .. session.Breakpoints.Where(each => each.Locations.Any(location => addresses.Contains(location.Address)))];
        if (found.Count == 0)
            throw new PromptException($"No breakpoint at {rest}.");
        WriteLine($"Deleted breakpoint{(found.Count > 1 ? "s" : "")} {string.Join(' ', found.Select(static each => each.Number))} ");
        found.ForEach(session.Delete);
    }

    /// <summary><c>enable</c>, <c>disable</c>.</summary>
    public void Enable(string rest, bool isEnabled)
    {
        if (rest.StartsWith("display", StringComparison.Ordinal))
        {
            displays.Enable(rest["display".Length..].Trim(), isEnabled);
            return;
        }

        if (rest.StartsWith("breakpoints", StringComparison.Ordinal))
            rest = rest["breakpoints".Length..].Trim();
        foreach (Breakpoint each in Several(rest))
            session.Enable(each, isEnabled);
    }

    /// <summary><c>info breakpoints</c>.</summary>
    public void ShowTable() => ShowTable(session.Breakpoints, "breakpoints or watchpoints");

    /// <summary><c>info watchpoints</c>.</summary>
    public void ShowWatchpoints() => ShowTable([.. session.Breakpoints.Where(static each => each.IsWatch)], "watchpoints");

    private static void ShowTable(IReadOnlyList<Breakpoint> breakpoints, string what)
    {
        if (breakpoints.Count == 0)
            WriteLine($"No {what}.");
        else
            foreach (string line in BreakpointText.Table(breakpoints))
                WriteLine(line);
    }

    private IReadOnlyList<Breakpoint> Several(string rest) => rest.Length == 0 ? [.. session.Breakpoints]
        : [.. rest.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries).SelectMany(Range)];

    private IEnumerable<Breakpoint> Range(string word)
    {
        int dash = word.IndexOf('-', StringComparison.Ordinal);
        if (dash <= 0)
            return [Find(word)];
        (int first, int last) = (Number(word[..dash]), Number(word[(dash + 1)..]));
        return [.. session.Breakpoints.Where(each => each.Number >= first && each.Number <= last)];
    }

    private Breakpoint Find(string number) =>
        int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int wanted)
            ? session.Breakpoints.FirstOrDefault(each => each.Number == wanted)
                ?? throw new PromptException(Figures.Invariant($"No breakpoint number {wanted}."))
            : throw new PromptException(
                number.Length == 0 ? "Argument required (breakpoint number)." : $"Bad breakpoint argument: '{number}'");

    /// <summary>Breakpoints want something that runs or can.</summary>
    private void RequireCode()
    {
        if (session.Target.Process is CoreProcess)
            throw new PromptException("A core does not run: it stops nowhere.");
    }
}
