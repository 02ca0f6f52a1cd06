using Virtap.Names;

namespace Virtap.Language.Diagnostics;

/// <summary>Hints that several places give.</summary>
internal static class Hints
{
    public const string EmbeddedCode = "handlers run as eBPF, without a C compiler; what the code does may be in the tapset";

    public const string TypesOfTarget = "read the number itself, or its bytes with user_int32($x) and the like";

    public const string Aggregate = "an aggregate has no value of its own; take @count, @sum, @min, @max, @avg or @variance of it";

    /// <summary>
    /// For a mistake at a place where a script argument was put in unquoted: that it can be put in as a string. Null elsewhere.
    /// </summary>
    public static string? Argument(SourceSpan span) =>
        span is { TokenClass: TokenClass.Argument, TokenLength: > 1 } && span.Source.Text[span.Start] == '$'
            ? $"${Digits(span)} stands for what the argument says in the language; @{Digits(span)} makes a string of it" : null;

    private static string Digits(SourceSpan span) => span.Source.Text.Substring(span.Start + 1, span.TokenLength - 1);

    /// <summary>A hint that names the candidate which was probably meant; null where none is near.</summary>
    public static string? Nearest(string name, IEnumerable<string> candidates, string prefix = "") =>
        NameSuggestion.Nearest(name, [.. candidates.Where(candidate => candidate != name)]) is { } nearest
            ? $"did you mean '{prefix}{nearest}'?" : null;
}
