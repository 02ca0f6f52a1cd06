namespace Virtap.Virtio.Verdicts;

/// <summary>What a finding is worth.</summary>
public enum FindingKind
{
    /// <summary>What the fields say, in words.</summary>
    Fact,

    /// <summary>What cannot be seen here, or must not be concluded.</summary>
    Caution,

    /// <summary>Something that can never be so in a healthy queue.</summary>
    Broken,
}
