using System.Text;
using Virtap.Language.Binding.Targets;

namespace Virtap.Tracing.Probes;

/// <summary>What stap -l and -L print for resolved probe points.</summary>
public static class ProbeListing
{
    /// <summary>A line for each probe point, sorted, each once however many sites it has.</summary>
    /// <param name="targets">The targets.</param>
    /// <param name="withVariables">
    /// -L: the variables follow, <c>$name:type</c>; those of a mark that no site can read are left out.
    /// </param>
    public static IEnumerable<string> Lines(IEnumerable<ProbeTarget> targets, bool withVariables)
    {
        var lines = new SortedDictionary<string, List<(string Name, string Type)>>(StringComparer.Ordinal);
        foreach (ProbeTarget target in targets)
        {
            if (!lines.TryGetValue(target.Point, out List<(string Name, string Type)>? variables))
                lines.Add(target.Point, variables = []);
            if (!withVariables)
                continue;
            foreach (TargetVariable variable in target.Variables)
            {
                if (variable.Lookup.Source is { } source && !variables.Exists(v => v.Name == variable.Name))
                    variables.Add((variable.Name, (source as MachineSource)?.Type is { } type ? StapTypeText.Of(type) : "long"));
            }
        }

        foreach ((string point, List<(string Name, string Type)> variables) in lines)
        {
            var line = new StringBuilder(point);
            foreach ((string name, string type) in variables)
                line.Append(" $").Append(name).Append(':').Append(type);
            yield return line.ToString();
        }
    }
}
