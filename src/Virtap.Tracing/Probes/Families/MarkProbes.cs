using Virtap.Binaries.Elf;
using Virtap.Binaries.Marks;
using Virtap.Language.Binding;
using Virtap.Tracing.Probes.Grammar;

namespace Virtap.Tracing.Probes.Families;

/// <summary>process(...).mark("glob") and process(...).provider("glob").mark("glob"): each site of each mark is a target.</summary>
internal sealed class MarkProbes(TargetPrograms programs)
{
    private const int MostAlternatives = 5;

    public void AddTo(ProbeGrammar grammar)
    {
        foreach (string process in ProcessForms.All)
        {
            grammar.Add($"{process}.mark(string)", point => Resolve(point, point.Components[1].Text!, null));
            grammar.Add($"{process}.provider(string).mark(string)", point => Resolve(point, point.Components[2].Text!, point.Components[1].Text));
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
                foreach (Mark mark in SdtNotes.Read(binary.Elf, pattern))
                {
                    foreach (MarkSite site in mark.Sites)
                        targets.Add(new MarkTarget(binary, mark, site, process, provider is not null));
                }
            }
        }
        catch (ElfFormatException e)
        {
            return new ProbeResolution([], e.Message);
        }

        return targets.Count > 0 ? new ProbeResolution(targets) : NoMatch(found, name);
    }

    private static ProbeResolution NoMatch(IReadOnlyList<TargetProgram> programs, string name)
    {
        IEnumerable<string> similar = programs.SelectMany(p => SdtNotes.Read(p.Binary.Elf)).Select(m => m.Name).Distinct()
            .OrderBy(n => EditDistance.Between(n, name)).Take(MostAlternatives);
        string list = string.Join(", ", similar);
        return new ProbeResolution([], list.Length == 0 ? "no match" : $"no match (similar marks: {list})");
    }
}
