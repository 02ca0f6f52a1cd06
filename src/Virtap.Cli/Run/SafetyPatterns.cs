namespace Virtap.Cli.Run;

/// <summary>
/// What stap lets pass as the argument of an option, and its words for what it does not: its arguments become a part of C code and of shell
/// commands. Here they do not, but what is refused there is not to run here.
/// </summary>
/// <param name="Option">The option.</param>
/// <param name="Pattern">The pattern as stap shows it; letters of both cases match.</param>
/// <param name="IsMatch">The same as code.</param>
internal sealed record SafetyPattern(string Option, string Pattern, Predicate<string> IsMatch)
{
    public static SafetyPattern Definition { get; } = new(
        "-D", "^[a-z_][a-z_0-9]*(=-?[a-z_0-9]+)?$",
        static text => text.Split('=', 2) is [var name, .. var value] && IsName(name)
            && (value is not [var given] || Consists(given.StartsWith('-') ? given[1..] : given, "_")));

    public static SafetyPattern GlobalValue { get; } = new(
        "-G", "^[a-z_][a-z0-9_]*=[a-z0-9_.-]+$",
        static text => text.Split('=', 2) is [var name, var value] && IsName(name) && Consists(value, "_.-"));

    public static SafetyPattern ModuleName { get; } = new("-m", "^[a-z0-9_]+$", static text => Consists(text, "_"));

    public static SafetyPattern Architecture { get; } = new("-a", "^[a-z0-9_-]+$", static text => Consists(text, "_-"));

    public static SafetyPattern FileSizes { get; } = new(
        "-S", "^[0-9]+(,[0-9]+)?$",
        static text => text.Split(',') is { Length: <= 2 } numbers
            && numbers.All(static each => each.Length > 0 && each.All(char.IsAsciiDigit)));

    public static SafetyPattern ModuleInformation { get; } = new(
        "--modinfo", "^[a-z_][a-z0-9_]*=.+$", static text => text.Split('=', 2) is [var name, { Length: > 0 }] && IsName(name));

    /// <summary>What is wrong with an argument, in stap's words; null where nothing is.</summary>
    public string? Problem(string argument) =>
        IsMatch(argument) ? null : $"ERROR: Safety pattern mismatch for {Option} parameter ('{argument}' vs. '{Pattern}') rc=1";

    private static bool IsName(string text) => Consists(text, "_") && !char.IsAsciiDigit(text[0]);

    private static bool Consists(string text, string ofAlso) =>
        text.Length > 0 && text.All(each => char.IsAsciiLetterOrDigit(each) || ofAlso.Contains(each, StringComparison.Ordinal));
}
