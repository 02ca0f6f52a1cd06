using Virtap.Tracing.Backends;

namespace Virtap.Watch.Counting;

/// <summary>How a counting script runs.</summary>
public sealed record CountingOptions
{
    /// <summary>$1 and so on.</summary>
    public required IReadOnlyList<ulong> Arguments { get; init; }

    /// <summary>What target() is; null for none.</summary>
    public int? TargetProcess { get; init; }

    /// <summary>Programs to probe in place of those that the script names.</summary>
    public IReadOnlyDictionary<string, string> Executables { get; init; } = new Dictionary<string, string>();

    /// <summary>MAXACTION: the statements that a handler may run.</summary>
    public int MaxActions { get; init; } = 1000;

    /// <summary>MAXMAPENTRIES: the elements of an array.</summary>
    public int MaxMapEntries { get; init; } = 2048;

    /// <summary>After how long it ends by itself; null for never.</summary>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>Takes what went otherwise than it was asked for, when it does; from any thread.</summary>
    public required Action<SessionWarning> Warn { get; init; }

    /// <summary>Whether SIGINT, SIGTERM and SIGHUP end it in good order.</summary>
    public bool StopsOnSignals { get; init; }
}
