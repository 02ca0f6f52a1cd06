using Virtap.Language.Binding;

namespace Virtap.Tracing.Lowering.Tree;

/// <summary>The code of one probe, and the sites whose hits run it.</summary>
/// <param name="Name">A name for listings and programs: letters, digits and underscores, unique in the program.</param>
/// <param name="Targets">The sites; a hit's index among them is its <c>Site</c>.</param>
/// <param name="Body">What it does.</param>
/// <param name="MaxActions">MAXACTION for this handler; actions are counted only if the body holds <see cref="CountActions"/>.</param>
/// <param name="HasLoops">Whether the body, or a function it calls, goes backward.</param>
/// <param name="Functions">Every function it may call, callees before callers where there is no recursion.</param>
public sealed record LoweredHandler(
    string Name,
    IReadOnlyList<ProbeTarget> Targets,
    LoweredStatement Body,
    int MaxActions,
    bool HasLoops,
    IReadOnlyList<LoweredFunction> Functions);
