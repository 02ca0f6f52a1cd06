using Virtap.Binaries.Marks;
using Virtap.Language.Binding.Targets;
using Virtap.Tracing.Probes.Grammar;

namespace Virtap.Tracing.Probes.Families;

/// <summary>process(...).mark("glob") and process(...).provider("glob").mark("glob"): each site of each mark is a target.</summary>
internal sealed class MarkProbes(TargetPrograms programs)
{
    /// <summary>A pattern may name many programs; why the first few have no such mark is enough.</summary>
    private const int MaxExplained = 3;

    public void AddTo(ProbeGrammar grammar)
    {
        foreach (string process in ProcessForms.All)
        {
            grammar.Add($"{process}.mark(string)", point => Resolve(point, point.Components[1].Text!, null));
            grammar.Add(
                $"{process}.provider(string).mark(string)", point => Resolve(point, point.Components[2].Text!, point.Components[1].Text));
        }
    }

    private ProbeResolution Resolve(ProbePoint point, string name, string? provider)
    {
        var pattern = new MarkPattern(name, provider);
        return programs.Resolve(point, program => Targets(program, pattern), found => NoMatch(found, pattern));
    }

    private static IEnumerable<ProbeTarget> Targets(TargetProgram program, MarkPattern pattern)
    {
        foreach (Mark mark in program.Binary.Marks.Find(pattern))
        {
            foreach (MarkSite site in mark.Sites)
                yield return new MarkTarget(program.Binary, mark, site, program.Process, pattern.Provider is not null);
        }
    }

    private static ProbeResolution NoMatch(IReadOnlyList<TargetProgram> programs, MarkPattern pattern) =>
        new([], "no match", string.Join("; ", programs.Take(MaxExplained).Select(p => p.Binary.Marks.Explain(pattern))));
}
