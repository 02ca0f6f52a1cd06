using Virtap.Binaries.Elf;
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
        IReadOnlyList<TargetProgram> found = programs.Find(point.Components[0], out ProbeResolution? problem);
        if (problem is not null)
            return problem;
        var pattern = new MarkPattern(name, provider);
        var targets = new List<ProbeTarget>();
        try
        {
            foreach ((ProbedBinary binary, int process) in found)
            {
                foreach (Mark mark in binary.Marks.Find(pattern))
                {
                    foreach (MarkSite site in mark.Sites)
                        targets.Add(new MarkTarget(binary, mark, site, process, provider is not null));
                }
            }

            return targets.Count > 0 ? new ProbeResolution(targets) : NoMatch(found, pattern);
        }
        catch (ElfFormatException e)
        {
            return new ProbeResolution([], e.Message);
        }
    }

    private static ProbeResolution NoMatch(IReadOnlyList<TargetProgram> programs, MarkPattern pattern) =>
        new([], "no match", string.Join("; ", programs.Take(MaxExplained).Select(p => p.Binary.Marks.Explain(pattern))));
}
