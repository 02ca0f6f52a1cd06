using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Lowering.Tree;

/// <summary>A whole script, ready for any machine.</summary>
public sealed record LoweredProgram
{
    /// <summary>Where everything lies.</summary>
    public required MemoryLayout Layout { get; init; }

    /// <summary>The probes, in the script's order.</summary>
    public required IReadOnlyList<LoweredHandler> Handlers { get; init; }

    /// <summary>Print statements; a site's id is its index.</summary>
    public required IReadOnlyList<PrintSite> PrintSites { get; init; }

    /// <summary>Places that can raise errors.</summary>
    public required IReadOnlyList<ErrorSite> ErrorSites { get; init; }

    /// <summary>What memory holds before begin: literals, site tables and initial values of globals.</summary>
    public required IReadOnlyList<InitialBytes> Initial { get; init; }

    /// <summary>The script's globals, in order of declaration.</summary>
    public IReadOnlyList<LoweredGlobal> Globals { get; init; } = [];
}
