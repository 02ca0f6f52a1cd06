using System.Globalization;
using Virtap.Cli.Rendering;
using Virtap.Debugging.Printing;
using Virtap.Debugging.Sessions;
using static Virtap.Cli.Debug.Prompts.CommandArguments;
using static Virtap.Cli.Debug.Prompts.PromptOutput;

namespace Virtap.Cli.Debug.Prompts;

/// <summary><c>set</c> and <c>show</c>.</summary>
internal sealed class SettingCommands(DebugSession session, PromptConsole console, SourceCommands source)
{
    /// <summary>What can be set, for completion.</summary>
    public static IReadOnlyList<string> Names { get; } =
        ["print", "pretty", "elements", "repeats", "union", "address", "symbol", "array", "max-depth", "listsize"];

    /// <summary><c>set</c>.</summary>
    public void Set(string rest)
    {
        (string first, string value) = SplitWord(rest);
        if (first is "listsize" && int.TryParse(value, out int size) && size > 0)
        {
            source.ListSize = size;
            return;
        }

        if (first is "confirm" && value is "on" or "off")
        {
            console.IsAsking = value == "on";
            return;
        }

        // Sessions that were written for gdb begin with these; lines are never folded or coloured here, and nothing is downloaded.
        if (first is "pagination" or "height" or "width" or "logging" or "debuginfod" or "style")
        {
            if (value is "off" or "0" or "unlimited" or "enabled off")
                return;
            throw new PromptException($"'{first}' is off here: lines are not folded or coloured, and nothing is downloaded");
        }

        if (first is not ("print" or "p" or "pr"))
            throw new PromptException(
                "nothing of the target is written: it goes on as if nobody looked at it (set print ... and set listsize are there)");
        session.Options = session.Options.With(rest, out string? problem);
        if (problem is not null)
            throw new PromptException(problem);
    }

    /// <summary><c>show</c>.</summary>
    public void Show(string rest)
    {
        if (rest == "listsize")
        {
            WriteLine(Figures.Invariant($"Number of source lines gdb will list by default is {source.ListSize}."));
            return;
        }

        PrintOptions options = session.Options;
        (string first, string name) = SplitWord(rest);
        if (first is not ("print" or "p"))
            throw new PromptException("show print SETTING and show listsize are there");
        WriteLine(name switch
        {
            "pretty" => $"Pretty formatting of structures is {OnOff(options.Pretty)}.",
            "elements" => $"Limit on string chars or array elements to print is {Limit(options.Elements)}.",
            "repeats" => $"Threshold for repeated print elements is {Limit(options.Repeats)}.",
            "max-depth" => $"Maximum print depth is {Limit(options.MaxDepth)}.",
            "union" => $"Printing of unions interior to structures is {OnOff(options.Unions)}.",
            "address" => $"Printing of addresses is {OnOff(options.Addresses)}.",
            "symbol" => $"Printing of symbol names when printing pointers is {OnOff(options.Symbols)}.",
            "array" => $"Pretty formatting of arrays is {OnOff(options.Arrays)}.",
            "array-indexes" => $"Printing of array indexes is {OnOff(options.ArrayIndexes)}.",
            "null-stop" => $"Printing of char arrays to stop at first null char is {OnOff(options.StopAtNull)}.",
            "static-members" => $"Printing of C++ static members is {OnOff(options.StaticMembers)}.",
            _ => throw new PromptException($"there is no setting 'print {name}' here"),
        });

        static string OnOff(bool isOn) => isOn ? "on" : "off";

        static string Limit(int? count) => count?.ToString(CultureInfo.InvariantCulture) ?? "unlimited";
    }
}
