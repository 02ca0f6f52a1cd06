using System.Collections.Immutable;
using Virtap.Language.Binding.Targets;
using Virtap.Language.Diagnostics;

namespace Virtap.Language.Binding.Tree;

/// <summary>A checked program: every name resolved, every type known. What pass 2 makes.</summary>
public sealed record BoundProgram
{
    /// <summary>The globals in use, in order of declaration.</summary>
    public required IReadOnlyList<GlobalSymbol> Globals { get; init; }

    /// <summary>
    /// The functions that some probe calls, directly or not; callees before callers, and those that can come to call each other in one
    /// group.
    /// </summary>
    public required IReadOnlyList<IReadOnlyList<FunctionSymbol>> FunctionGroups { get; init; }

    /// <summary>The functions of all groups, in their order.</summary>
    public IReadOnlyList<FunctionSymbol> Functions => [.. FunctionGroups.SelectMany(static group => group)];

    /// <summary>The probes in the script's order.</summary>
    public required IReadOnlyList<BoundProbe> Probes { get; init; }

    /// <summary>The counters that probes read, by their numbers.</summary>
    public IReadOnlyList<ProbeTarget> Counters { get; init; } = [];

    /// <summary>
    /// What makes it impossible to run, and SystemTap sees only when it translates (pass 3). Where there is any, parts of the tree are
    /// missing.
    /// </summary>
    public IReadOnlyList<Diagnostic> Deferred { get; init; } = [];
}

/// <summary>One handler and everything that runs it.</summary>
/// <param name="Targets">The targets, at least one, in the order in which they were resolved; they agree on every question that the body
/// asks of them.</param>
/// <param name="PointText">The probe point as the script has it, and where it went through aliases these before it: <c>alias = begin &lt;-
/// alias</c>.</param>
/// <param name="Span">Where the script has the probe point.</param>
/// <param name="Body">What it does; a probe point's condition and its aliases' prologues and epilogues are in it.</param>
/// <param name="Locals">Its locals.</param>
public sealed record BoundProbe(
    IReadOnlyList<ProbeTarget> Targets,
    string PointText,
    SourceSpan Span,
    BoundStatement Body,
    IReadOnlyList<LocalSymbol> Locals)
{
    /// <summary>The probe point's condition, which <see cref="Body"/> asks first; null where it has none.</summary>
    public BoundExpression? Condition { get; init; }

    /// <summary>The alias that the script names, its wildcards resolved: <c>syscall.open</c>; null where it names none.</summary>
    public string? AliasName { get; init; }

    /// <summary>Where several points of a probe do the same and are one handler: each one's <see cref="PointText"/>.</summary>
    public IReadOnlyDictionary<ProbeTarget, string> Joined { get; init; } = ImmutableDictionary<ProbeTarget, string>.Empty;

    /// <summary>The point that stands for a target (<see cref="PointText"/>).</summary>
    public string PointTextOf(ProbeTarget target) => Joined.GetValueOrDefault(target, PointText);
}
