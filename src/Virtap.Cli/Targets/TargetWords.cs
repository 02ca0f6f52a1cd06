using System.CommandLine;
using System.Globalization;

namespace Virtap.Cli.Targets;

/// <summary>The words that say what to look at: <c>[PID] [DEVICE]</c> and what else a command takes. A process id is a number, a device's name never is.</summary>
/// <param name="ProcessId">The QEMU; null for whichever runs.</param>
/// <param name="Device">The device as it was named; null for all.</param>
/// <param name="Rest">The words behind them.</param>
internal sealed record TargetWords(int? ProcessId, string? Device, IReadOnlyList<string> Rest)
{
    private const string Prefix = "vdev:";

    /// <summary>The argument of a command that takes such words.</summary>
    /// <param name="name">What the help calls them.</param>
    /// <param name="arity">How many there may be.</param>
    /// <param name="description">What they are.</param>
    public static Argument<string[]> Argument(string name, ArgumentArity arity, string description)
    {
        var words = new Argument<string[]>(name) { Description = description, Arity = arity, HelpName = name };
        words.CompletionSources.Add(_ => TargetSearch.Suggestions());
        return words;
    }

    /// <summary>Reads the words.</summary>
    /// <param name="words">The words.</param>
    /// <param name="rest">How many words a command takes behind the device.</param>
    /// <exception cref="CommandException">There are too many.</exception>
    public static TargetWords Parse(IReadOnlyList<string> words, int rest = 0)
    {
        if (words.FirstOrDefault(static word => word is ['-', _, ..]) is { } option)
            throw new CommandException($"there is no option '{option}' here");
        int at = 0;
        int? pid = null;
        if (words.Count > 0 && int.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out int number))
        {
            pid = number;
            at++;
        }

        string? device = at < words.Count ? WithoutPrefix(words[at++]) : null;
        string[] others = [.. words.Skip(at)];
        return others.Length <= rest ? new TargetWords(pid, device, others)
            : throw new CommandException($"'{others[rest]}' is too much: a process id, if any, comes first, then a device{(rest > 0 ? ", then a queue" : "")}");
    }

    private static string WithoutPrefix(string word) => word.StartsWith(Prefix, StringComparison.Ordinal) ? word[Prefix.Length..] : word;
}
