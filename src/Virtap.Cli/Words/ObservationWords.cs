using System.Diagnostics;
using Virtap.Virtio.Findings;

namespace Virtap.Cli.Words;

/// <summary>
/// Observations as people say them: without the full stop that a sentence ends with, as they stand behind a colon or in a list.
/// </summary>
internal static class ObservationWords
{
    public static string Of(Observation what) =>
        ContradictionWords.Of(what) ?? EvidenceWords.Of(what) ?? RingWords.Of(what) ?? ChainWords.Of(what)
        ?? throw new UnreachableException($"there are no words for {what.Name}");

    /// <summary>
    /// As in <c>1 request</c>, <c>3 requests</c>. Without a thousands separator: these numbers are compared with fields.
    /// </summary>
    public static string Count(long number, string noun) => number == 1 ? $"1 {noun}" : $"{number} {noun}s";

    /// <summary>What a ring's indices count: a split ring's requests, a packed ring's descriptors.</summary>
    public static string Units(long number, bool isPacked) => Count(number, isPacked ? "descriptor" : "request");
}
