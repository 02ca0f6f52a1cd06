namespace Virtap.Cli.Latency;

/// <summary>The percentiles that are shown.</summary>
internal static class Percentiles
{
    /// <summary>Their names, and which part of all they are.</summary>
    public static IReadOnlyList<(string Name, double Part)> Shown { get; } = [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999)];
}
