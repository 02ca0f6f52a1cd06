namespace Virtap.Language.Binding.Targets;

/// <summary>Knows which probe points there are. The binder asks once for each probe point that is not an alias.</summary>
public interface IProbeResolver
{
    /// <summary>Resolves a probe point, wildcards included, to everything that it stands for, in a stable order.</summary>
    ProbeResolution Resolve(ProbePoint point);

    /// <summary>
    /// Aliases that are made of what is at hand, as the text of a tapset: those of probe points with these names, patterns among them, that
    /// were not made before.
    /// </summary>
    /// <param name="names">The components of a probe point, without their arguments.</param>
    IEnumerable<SourceText> MakeAliases(IReadOnlyList<string> names) => [];
}

/// <summary>What a probe point stands for.</summary>
/// <param name="Targets">The places or events; empty where there are none.</param>
/// <param name="Problem">Why there are none, in SystemTap's words where it has some; null where there are.</param>
/// <param name="Hint">What may help: nearest names, what is on this host.</param>
/// <param name="IsRefusal">The probe point is one that Virtap cannot do (yet), rather than one that is not there: an error even with
/// <c>?</c>.</param>
public sealed record ProbeResolution(
    IReadOnlyList<ProbeTarget> Targets, string? Problem = null, string? Hint = null, bool IsRefusal = false)
{
    /// <summary>The component of the probe point that the problem is about; null for all of them.</summary>
    public SourceSpan? Span { get; init; }

    /// <summary>Where its components are none that there are: how far they were; null for other problems.</summary>
    public ProbeMismatch? Mismatch { get; init; }

    /// <summary>What to tell of those that are left out, where there are others.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
