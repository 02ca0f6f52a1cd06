using System.Globalization;
using Virtap.Cli.Rendering;
using Virtap.Debugging.Control;
using Virtap.Debugging.Locations;
using Virtap.Debugging.Sessions;
using Virtap.Processes.Commands;
using Virtap.Processes.Control;

namespace Virtap.Cli.Debug;

/// <summary>Breakpoints.</summary>
internal sealed partial class Prompt
{
    private void Break(string rest, bool isTemporary)
    {
        RequireCode();
        (string location, string? condition) = ConditionClause.Split(rest);
        int? thread = null;
        int at = $" {location} ".IndexOf(" thread ", StringComparison.Ordinal);
        if (at >= 0)
        {
            thread = Number(location[(at + "thread ".Length)..].Trim());
            location = location[..at].Trim();
            if (_session.Inferior?.Threads.All(each => each.Number != thread) != false)
                throw new PromptException(Figures.Invariant($"Unknown thread {thread}."));
        }

        Breakpoint made = _session.Break(location, isTemporary, condition, thread);
        WriteLine(BreakpointText.Made(made));
    }

    private void Watch(string rest)
    {
        RequireProcess();
        (string expression, string? condition) = ConditionClause.Split(Given(rest));
        Breakpoint watch = _session.Watch(expression);
        watch.Condition = condition;
        WriteLine(Figures.Invariant($"Watchpoint {watch.Number}: {expression}"));
    }

    private void Condition(string rest)
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
            _session.CheckCondition(condition, location);
        breakpoint.Condition = condition;
    }

    private void Ignore(string rest)
    {
        (string number, string count) = SplitWord(rest);
        Breakpoint breakpoint = Find(number);
        if (count.Length == 0)
            throw new PromptException("Second argument (specified ignore-count) is missing.");
        breakpoint.IgnoreCount = Number(count);
        if (_isTyped)
            WriteLine(IgnoreText(breakpoint));
    }

    private static string IgnoreText(Breakpoint breakpoint) => breakpoint.IgnoreCount switch
    {
        0 => Figures.Invariant($"Will stop next time breakpoint {breakpoint.Number} is reached."),
        1 => Figures.Invariant($"Will ignore next crossing of breakpoint {breakpoint.Number}."),
        var count => Figures.Invariant($"Will ignore next {count} crossings of breakpoint {breakpoint.Number}."),
    };

    private void Commands(string rest)
    {
        Breakpoint breakpoint = rest.Length > 0 ? Find(rest)
            : _session.Breakpoints is [.., var last] ? last : throw new PromptException("No breakpoints specified.");
        if (_isTyped && _isTerminal)
            WriteLine(Figures.Invariant(
                $"Type commands for breakpoint(s) {breakpoint.Number}, one per line.\nEnd with a line saying just \"end\"."));
        List<string> commands = [];
        while (NextLine() is { } line && line.Trim() != "end")
            commands.Add(line.Trim());
        breakpoint.Commands = commands;
    }

    private void Delete(string rest)
    {
        if (rest.StartsWith("display", StringComparison.Ordinal))
        {
            Undisplay(rest["display".Length..].Trim());
            return;
        }

        if (rest.Length == 0 && _session.Breakpoints.Count > 0 && !Ask("Delete all breakpoints?"))
            return;
        foreach (Breakpoint each in Several(rest))
            _session.Delete(each);
    }

    private void Clear(string rest)
    {
        HashSet<ulong> addresses = [.. _session.Find(rest).Select(static location => location.Address)];
        List<Breakpoint> found = [
            .. _session.Breakpoints.Where(each => each.Locations.Any(location => addresses.Contains(location.Address)))];
        if (found.Count == 0)
            throw new PromptException($"No breakpoint at {rest}.");
        WriteLine($"Deleted breakpoint{(found.Count > 1 ? "s" : "")} {string.Join(' ', found.Select(static each => each.Number))} ");
        found.ForEach(_session.Delete);
    }

    private void Enable(string rest, bool isEnabled)
    {
        if (rest.StartsWith("display", StringComparison.Ordinal))
        {
            EnableDisplays(rest["display".Length..].Trim(), isEnabled);
            return;
        }

        if (rest.StartsWith("breakpoints", StringComparison.Ordinal))
            rest = rest["breakpoints".Length..].Trim();
        foreach (Breakpoint each in Several(rest))
            _session.Enable(each, isEnabled);
    }

    private void Handle(string rest)
    {
        string[] words = rest.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 2)
            throw new PromptException("Argument required (signal to handle).");
        List<int> signals = words[0] == "all" ? [.. Signals.All.Except([ProcessSignal.Interrupt, ProcessSignal.Trap])]
            : [Signals.Find(words[0]) ?? throw new PromptException($"Unrecognized or ambiguous flag word: \"{words[0]}\".")];
        foreach (int signal in signals)
        {
            SignalHandling handling = _session.HandlingOf(signal);
            foreach (string word in words.Skip(1))
            {
                handling = word switch
                {
                    "stop" => handling with { Stop = true, Print = true },
                    "nostop" => handling with { Stop = false },
                    "print" => handling with { Print = true },
                    "noprint" => handling with { Print = false, Stop = false },
                    "pass" or "noignore" => handling with { Pass = true },
                    "nopass" or "ignore" => handling with { Pass = false },
                    _ => throw new PromptException($"Unrecognized or ambiguous flag word: \"{word}\"."),
                };
            }

            _session.Handle(signal, handling);
        }

        if (signals.Count == 1 && _isTyped)
            WriteSignals(signals);
    }

    private void WriteSignals(IEnumerable<int> signals)
    {
        WriteLine("Signal        Stop\tPrint\tPass to program\tDescription");
        foreach (int signal in signals)
        {
            SignalHandling handling = _session.HandlingOf(signal);
            string how = $"{YesNo(handling.Stop)}\t{YesNo(handling.Print)}\t{YesNo(handling.Pass)}";
            WriteLine($"{Signals.NameOf(signal),-13} {how}\t\t{Signals.MeaningOf(signal)}");
        }

        static string YesNo(bool isSo) => isSo ? "Yes" : "No";
    }

    private IReadOnlyList<Breakpoint> Several(string rest) => rest.Length == 0 ? [.. _session.Breakpoints]
        : [.. rest.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries).SelectMany(Range)];

    private IEnumerable<Breakpoint> Range(string word)
    {
        int dash = word.IndexOf('-', StringComparison.Ordinal);
        if (dash <= 0)
            return [Find(word)];
        (int first, int last) = (Number(word[..dash]), Number(word[(dash + 1)..]));
        return [.. _session.Breakpoints.Where(each => each.Number >= first && each.Number <= last)];
    }

    private Breakpoint Find(string number) =>
        int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int wanted)
            ? _session.Breakpoints.FirstOrDefault(each => each.Number == wanted)
                ?? throw new PromptException(Figures.Invariant($"No breakpoint number {wanted}."))
            : throw new PromptException(
                number.Length == 0 ? "Argument required (breakpoint number)." : $"Bad breakpoint argument: '{number}'");

    /// <summary>Breakpoints want something that runs or can.</summary>
    private void RequireCode()
    {
        if (_session.Target.Process is Processes.Cores.CoreProcess)
            throw new PromptException("A core does not run: it stops nowhere.");
    }

    private static (string Word, string Behind) SplitWord(string text)
    {
        int space = text.IndexOf(' ', StringComparison.Ordinal);
        return space < 0 ? (text, "") : (text[..space], text[space..].Trim());
    }
}
