namespace Virtap.Tracing.Lowering.Tree;

/// <summary>Where a printed text goes.</summary>
public enum PrintChannel
{
    /// <summary>The session's output.</summary>
    Output,

    /// <summary>Standard error, as "WARNING: …".</summary>
    Warning,
}
