namespace Virtap.Language.Syntax.Preprocessing;

/// <summary>The names that are operators of the language rather than macros. A test holds them against the parser.</summary>
public static class AtOperatorNames
{
    /// <summary>All of them, without their <c>@</c>.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        "count", "sum", "min", "max", "avg", "variance", "hist_log", "hist_linear",
        "cast", "var", "defined", "choose_defined", "entry", "perf", "const", "enum", "enumname", "uregister", "kregister", "uderef",
        "kderef", "probewrite", "errno",
    ];
}
