using System.Globalization;
using System.Text;
using Virtap.Cli.Rendering;
using Virtap.Debugging.Locations;
using Virtap.Debugging.Sessions;
using Virtap.Language;

namespace Virtap.Cli.Debug.Prompts;

/// <summary>Breakpoints, in gdb's text.</summary>
internal static class BreakpointText
{
    /// <summary>That one was made, and where.</summary>
    public static string Made(Breakpoint breakpoint)
    {
        string kind = breakpoint.IsTemporary ? "Temporary breakpoint" : "Breakpoint";
        CodeLocation first = breakpoint.Locations[0];
        var text = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"{kind} {breakpoint.Number} at 0x{first.Address:x}"));
        if (breakpoint.Locations.Count > 1)
            text.Append(CultureInfo.InvariantCulture, $": {breakpoint.Text}. ({breakpoint.Locations.Count} locations)");
        else if (first.Line is { } line)
            text.Append(CultureInfo.InvariantCulture, $": file {line.Name}, line {line.Source.Line}.");
        return PrintableText.OfLine(text.ToString());
    }

    /// <summary>How often it is passed by before it stops the process.</summary>
    public static string Ignored(Breakpoint breakpoint) => breakpoint.IgnoreCount switch
    {
        0 => Figures.Invariant($"Will stop next time breakpoint {breakpoint.Number} is reached."),
        1 => Figures.Invariant($"Will ignore next crossing of breakpoint {breakpoint.Number}."),
        var count => Figures.Invariant($"Will ignore next {count} crossings of breakpoint {breakpoint.Number}."),
    };

    /// <summary>The table of all.</summary>
    public static IEnumerable<string> Table(IReadOnlyList<Breakpoint> breakpoints)
    {
        yield return "Num     Type           Disp Enb Address            What";
        foreach (Breakpoint each in breakpoints)
        {
            (string kind, string end) = (each.IsWatch ? "watchpoint" : "breakpoint", each.IsTemporary ? "del" : "keep");
            string head = string.Create(
                CultureInfo.InvariantCulture, $"{each.Number,-7} {kind,-14} {end,-4} {(each.IsEnabled ? "y" : "n"),-3} ");
            if (each.IsWatch)
                yield return $"{head}{"",-18} {each.Text}";
            else if (each.Locations is [var only])
                yield return $"{head}0x{only.Address:x16} {What(only)}".TrimEnd();
            else
                yield return each.Locations.Count == 0 ? $"{head}<PENDING>          {each.Text}" : $"{head}<MULTIPLE>         ";
            if (each.Condition is { } condition)
                yield return $"\tstop only if {condition}";
            if (each.ThreadNumber is int thread)
                yield return string.Create(CultureInfo.InvariantCulture, $"\tstop only in thread {thread}");
            if (each.Hits > 0)
                yield return string.Create(
                    CultureInfo.InvariantCulture, $"\tbreakpoint already hit {each.Hits} time{(each.Hits == 1 ? "" : "s")}");
            if (each.IgnoreCount > 0)
                yield return string.Create(CultureInfo.InvariantCulture, $"\tignore next {each.IgnoreCount} hits");
            foreach (string command in each.Commands)
                yield return $"        {command}";
            for (int n = 0; each.Locations.Count > 1 && n < each.Locations.Count; n++)
                yield return string.Create(
                    CultureInfo.InvariantCulture,
                    $"{$"{each.Number}.{n + 1}",-27} {"y",-3} 0x{each.Locations[n].Address:x16} {What(each.Locations[n])}");
        }
    }

    private static string What(CodeLocation location) => PrintableText.OfLine(location switch
    {
        { Line: { } line, Function: { } function } => string.Create(
            CultureInfo.InvariantCulture, $"in {function.FullName} at {line.Name}:{line.Source.Line}"),
        { Line: { } line } => string.Create(CultureInfo.InvariantCulture, $"{line.Name}:{line.Source.Line}"),
        _ => "",
    });
}
