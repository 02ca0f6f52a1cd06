namespace Virtap.Virtio.Verdicts;

/// <summary>How sure a verdict is.</summary>
public enum Certainty
{
    /// <summary>QEMU's own fields say so, or the host's kernel does.</summary>
    Certain,

    /// <summary>Nothing else that is known explains what was seen for so long.</summary>
    Likely,

    /// <summary>What was seen fits, and fits other explanations too, or was seen for a short time only.</summary>
    Candidate,
}
