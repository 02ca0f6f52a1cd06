using Virtap.Binaries.Marks;
using Virtap.Language.Binding.Targets;
using Virtap.Tracing.Probes.Grammar;

namespace Virtap.Tracing.Probes.Families;

/// <summary>process(...).mark("glob") and process(...).provider("glob").mark("glob"): each site of each mark is a target.</summary>
internal sealed class MarkProbes(TargetPrograms programs)
{
    /// <summary>A pattern may name many programs; why the first few have no such mark is enough.</summary>
    private const int MaxExplained = 3;

    private const string Provider = "provider";

    public void AddTo(ProbeGrammar grammar)
    {
        foreach (string process in ProcessForms.Files)
        {
            grammar.Add($"{process}.mark(string)", Resolve);
            grammar.Add($"{process}.provider(string).mark(string)", Resolve);
        }
    }

    private ProbeResolution Resolve(ProbePoint point)
    {
        var pattern = new MarkPattern(
            point.Components[^1].Text!, point.Components[^2] is { Name: Provider, Text: { } provider } ? provider : null);
        return programs.Resolve(point, program => Targets(program, pattern), found => NoMatch(point, found, pattern));
    }

    private static IEnumerable<ProbeTarget> Targets(TargetProgram program, MarkPattern pattern)
    {
        foreach (Mark mark in program.Binary.Marks.Find(pattern))
        {
            foreach (MarkSite site in mark.Sites)
            {
                yield return new MarkTarget(program.Binary, mark, site, program.Process, pattern.Provider is not null)
                {
                    Owner = program.Owner,
                };
            }
        }
    }

    private static ProbeResolution NoMatch(ProbePoint point, IReadOnlyList<TargetProgram> programs, MarkPattern pattern) =>
        new(
            [],
            SimilarNames.NoMatch(point, "marks", pattern.Name, programs.SelectMany(program => program.Binary.Marks.NamesOf(pattern))),
            string.Join("; ", programs.Take(MaxExplained).Select(p => p.Binary.Marks.Explain(pattern))));
}
