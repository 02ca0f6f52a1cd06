namespace Virtap.Cli.Counting;

/// <summary>How a counting script runs.</summary>
internal sealed record CountingOptions
{
    /// <summary>$1 and so on.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>MAXACTION: the statements that a handler may run.</summary>
    public int MaxActions { get; init; } = 1000;

    /// <summary>MAXMAPENTRIES: the elements of an array.</summary>
    public int MaxMapEntries { get; init; } = 2048;

    /// <summary>After how long it ends by itself; null for never.</summary>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>Whether SIGINT, SIGTERM and SIGHUP end it in good order.</summary>
    public bool StopsOnSignals { get; init; }
}
