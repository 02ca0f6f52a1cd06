namespace Virtap.Cli.Run;

/// <summary>What <c>set</c> changes at the prompt of -i: each is an option of the command line.</summary>
/// <param name="given">The options that the prompt was started with.</param>
internal sealed class InteractiveSettings(IReadOnlyList<(string Spelling, string[] Words)> given)
{
    private static readonly (string Name, string Spelling, bool IsSwitch)[] s_all =
    [
        ("buffer_size", "-s", false),
        ("cmd", "-c", false),
        ("guru_mode", "-g", true),
        ("last_pass", "-p", false),
        ("output_file", "-o", false),
        ("panic_warnings", "-W", true),
        ("runtime", "--runtime", false),
        ("skip_badvars", "--skip-badvars", true),
        ("suppress_handler_errors", "--suppress-handler-errors", true),
        ("suppress_warnings", "-w", true),
        ("target_pid", "-x", false),
        ("timeout", "-T", false),
        ("timing", "-t", true),
        ("unoptimized", "-u", true),
        ("verbose", "-v", false),
    ];

    private readonly List<(string Spelling, string[] Words)> _words = [.. given];

    /// <summary>What can be set.</summary>
    public static string[] Names { get; } = [.. s_all.Select(static each => each.Name)];

    /// <summary>The command line's options as they are set now.</summary>
    public IEnumerable<string> Words => _words.SelectMany(static each => each.Words);

    /// <summary>Lines that show a setting, or all of them.</summary>
    public IEnumerable<string> Describe(string? only) => s_all.Where(each => only is null || each.Name == only)
        .Select(each => $"{each.Name,-24} {string.Join(' ', _words.Where(word => word.Spelling == each.Spelling).SelectMany(w => w.Words))}"
            .TrimEnd());

    /// <summary>Sets something; what the command line has none of is refused in its words.</summary>
    /// <param name="name">What.</param>
    /// <param name="value">To what: yes or no for a switch; a number for verbose; none takes an option away.</param>
    /// <returns>What is wrong; null where nothing is.</returns>
    public string? Set(string name, string value)
    {
        if (s_all.FirstOrDefault(each => each.Name == name) is not (not null, var spelling, var isSwitch))
            return $"there is nothing called '{name}' to be set: \"set\" alone lists what there is";
        string[] words;
        if (isSwitch)
        {
            if (value is not ("yes" or "no" or "1" or "0"))
                return $"{name} is yes or no";
            words = value is "yes" or "1" ? [spelling] : [];
        }
        else if (name == "verbose")
        {
            if (!int.TryParse(value, out int count) || count is < 0 or > 9)
                return "verbose is a number from 0 to 9";
            words = [.. Enumerable.Repeat(spelling, count)];
        }
        else
        {
            bool isLong = spelling.StartsWith("--", StringComparison.Ordinal);
            words = value == "none" ? [] : isLong ? [$"{spelling}={value}"] : [spelling, value];
        }

        if (RunOptionsParser.Parse([.. words, "-e", "probe never {}"]).Problem is { } problem)
            return problem.Split('\n')[0];
        _words.RemoveAll(each => each.Spelling == spelling);
        if (words.Length > 0)
            _words.Add((spelling, words));
        return null;
    }
}
