using System.Collections.Immutable;

namespace Virtap.Bpf.Specs;

/// <summary>A function within a program.</summary>
/// <param name="Name">Its name; the first is the program's own.</param>
/// <param name="Start">Its first slot.</param>
/// <param name="Linkage">How it is verified.</param>
/// <param name="Parameters">At most five.</param>
public sealed record Subprogram(string Name, int Start, SubprogramLinkage Linkage, ImmutableArray<SubprogramParameter> Parameters);
