namespace Virtap.Virtio.Findings;

/// <summary>Something that is to be said of a queue.</summary>
/// <param name="Kind">What it is worth.</param>
/// <param name="What">What was seen, or follows from it.</param>
public sealed record Finding(FindingKind Kind, Observation What);

/// <summary>What a finding is worth.</summary>
public enum FindingKind
{
    /// <summary>What the fields say.</summary>
    Fact,

    /// <summary>What cannot be seen here, or must not be concluded.</summary>
    Caution,

    /// <summary>Something that can never be so in a healthy queue.</summary>
    Broken,
}
