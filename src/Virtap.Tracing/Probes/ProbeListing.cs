using Virtap.Language;
using Virtap.Language.Binding.Targets;
using Virtap.Language.Binding.Tree;

namespace Virtap.Tracing.Probes;

/// <summary>What stap -l and -L print for resolved probe points.</summary>
public static class ProbeListing
{
    /// <summary>
    /// A line for each probe point, sorted, each once however many sites it has. What came through an alias goes by the alias's name.
    /// </summary>
    /// <param name="probes">The probes.</param>
    /// <param name="withVariables">
    /// -L: the variables follow: <c>name:type</c> for those that an alias sets, <c>$name:type</c> for the target's own; those that are
    /// nowhere at the site, and those of a mark that no site can read, are left out.
    /// </param>
    public static IEnumerable<string> Lines(IEnumerable<BoundProbe> probes, bool withVariables) => Lines(
        from probe in probes
        from target in probe.Targets
        let variables = withVariables ? LocalsOf(probe).Concat(VariablesOf(target, probe.AliasName is not null)) : []
        select (probe.AliasName ?? target.Point, variables));

    /// <summary>The same for targets that no probe of a script's has.</summary>
    public static IEnumerable<string> Lines(IEnumerable<ProbeTarget> targets, bool withVariables) =>
        Lines(targets.Select(target => (target.Point, withVariables ? VariablesOf(target, isOfAlias: false) : [])));

    private static IEnumerable<string> Lines(IEnumerable<(string Point, IEnumerable<(string Name, string Type)> Variables)> probes)
    {
        var lines = new SortedDictionary<string, List<(string Name, string Type)>>(StringComparer.Ordinal);
        foreach ((string point, IEnumerable<(string Name, string Type)> variables) in probes)
        {
            if (!lines.TryGetValue(point, out List<(string Name, string Type)>? known))
                lines.Add(point, known = []);
            known.AddRange(variables.Where(each => !known.Exists(other => other.Name == each.Name)));
        }

        return lines.Select(static line => string.Concat(line.Value.Select(static each => $" {each.Name}:{each.Type}").Prepend(line.Key)));
    }

    private static IEnumerable<(string Name, string Type)> LocalsOf(BoundProbe probe) =>
        probe.Locals.Where(static local => !local.Name.StartsWith('_'))
            .Select(static local => (local.Name, local.Type == ScriptType.String ? "string" : "long"));

    /// <summary>What system calls hand over by number is not what their aliases are used for.</summary>
    private static IEnumerable<(string Name, string Type)> VariablesOf(ProbeTarget target, bool isOfAlias) =>
        isOfAlias && target is SyscallTarget
            ? []
            : from variable in target.Variables
              let type = variable.Lookup.Source is { } source ? TypeOf(source) : variable.UnreadableType
              where type is not null
              select ("$" + variable.Name, type);

    private static string TypeOf(TargetSource source) => (source as MachineSource)?.Type is { } type ? StapTypeText.Of(type) : "long";
}
