using System.Globalization;
using Virtap.Language.Diagnostics;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Lowering;

namespace Virtap.Cli.Run;

/// <summary>The limits that -D sets; the defaults are SystemTap's (stap(1), "SAFETY AND SECURITY").</summary>
internal sealed record SessionLimits
{
    private static readonly Limit[] s_all =
    [
        new("MAXACTION", 1, int.MaxValue, static (limits, number) => limits with { MaxActions = number }),
        new("MAXACTION_INTERRUPTIBLE", 1, int.MaxValue, static (limits, number) => limits with { MaxActionsInterruptible = number }),
        new("MAXERRORS", 0, int.MaxValue, static (limits, number) => limits with { MaxErrors = number }),
        new("MAXSKIPPED", 0, int.MaxValue, static (limits, number) => limits with { MaxSkipped = number }),
        new(
            "MAXSTRINGLEN", LoweringOptions.ShortestString, LoweringOptions.LongestString,
            static (limits, number) => limits with { MaxStringLength = number }),
        new("MAXMAPENTRIES", 1, int.MaxValue, static (limits, number) => limits with { MaxMapEntries = number }),
        new("MAXNESTING", 1, int.MaxValue, static (limits, number) => limits with { MaxNesting = number }),
        new("HIST_WIDTH", 1, 1000, static (limits, number) => limits with { Histograms = limits.Histograms with { Width = number } }),
        new("HIST_ELISION", -1, 1000, static (limits, number) => limits with { Histograms = limits.Histograms with { Elision = number } }),
        new("MAXTRYLOCK", 1, int.MaxValue, static (limits, number) => limits with { LockTries = number }),
    ];

    /// <summary>A limit, its range, and where its value goes.</summary>
    private sealed record Limit(string Name, int Min, int Max, Func<SessionLimits, int, SessionLimits> Set)
    {
        public string Range => $"a number from {Min} to {Max}";
    }

    /// <summary>The names of all limits, in the order of the help.</summary>
    public static IEnumerable<string> Names => s_all.Select(static limit => limit.Name);

    public int MaxActions { get; private init; } = 1000;

    public int? MaxActionsInterruptible { get; private init; }

    public int? MaxNesting { get; private init; }

    public int MaxStringLength { get; private init; } = 512;

    public int MaxMapEntries { get; private init; } = 2048;

    public HistogramDrawing Histograms { get; private init; } = HistogramDrawing.Usual;

    public long MaxErrors { get; private init; }

    public long MaxSkipped { get; private init; } = 100;

    public int? LockTries { get; private init; }

    /// <summary>
    /// What is wrong with the definitions: one that has no meaning here is a warning, one that is no number an error. To be told in pass 3,
    /// whose limits they are.
    /// </summary>
    public IReadOnlyList<Diagnostic> Problems { get; private init; } = [];

    /// <summary>Reads the definitions.</summary>
    public static SessionLimits Read(RunOptions options)
    {
        var limits = new SessionLimits();
        if (options.SuppressesTimeLimits)
            limits = limits with { MaxActions = int.MaxValue, MaxActionsInterruptible = int.MaxValue };
        if (options.SuppressesHandlerErrors)
            limits = limits with { MaxSkipped = long.MaxValue };
        var problems = new DiagnosticBag();
        foreach ((string name, string value) in options.Definitions)
        {
            if (Array.Find(s_all, limit => limit.Name == name) is not { } limit)
                problems.Warning($"-D {name} has no effect: no such limit here", null);
            else if (int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) && number >= limit.Min
                && number <= limit.Max)
                limits = limit.Set(limits, number);
            else
                problems.Semantic($"-D {name}={value}: {limit.Range} is needed", null);
        }

        return limits with { Problems = problems.Diagnostics };
    }
}
