using Virtap.Language.Binding.Targets;
using Virtap.Names;

namespace Virtap.Tracing.Probes.Grammar;

/// <summary>
/// The probe points there are, as a tree of their components, and what each of them is resolved by. A component's name in a script may
/// have wildcards: <c>timer.*(5)</c>; <c>**</c> stands for any components, also none.
/// </summary>
internal sealed class ProbeGrammar
{
    private readonly PointNode _root = new("", PointArgument.None);

    /// <summary>Adds a probe point.</summary>
    /// <param name="form">Its form: <c>timer.ms(number).randomize(number)</c>.</param>
    /// <param name="resolve">What it stands for.</param>
    public void Add(string form, PointResolver resolve) => NodeOf(form).Resolve = resolve;

    /// <summary>Adds a probe point that is known only to say why there is none: it is not listed.</summary>
    public void Refuse(string form, ProbeResolution why)
    {
        PointNode node = NodeOf(form);
        (node.Resolve, node.IsRefused) = (_ => why, true);
    }

    /// <summary>Adds a form for the tapset's aliases, which no list shows.</summary>
    public void AddInner(string form, PointResolver resolve)
    {
        PointNode node = NodeOf(form);
        (node.Resolve, node.IsRefused) = (resolve, true);
    }

    private PointNode NodeOf(string form)
    {
        PointNode node = _root;
        foreach (string component in form.Split('.'))
        {
            int bracket = component.IndexOf('(', StringComparison.Ordinal);
            string name = bracket < 0 ? component : component[..bracket];
            PointArgument argument = bracket < 0 ? PointArgument.None
                : component.AsSpan(bracket).SequenceEqual("(string)") ? PointArgument.Text
                : PointArgument.Number;
            PointNode? child = node.Children.Find(c => c.Name == name && c.Argument == argument);
            if (child is null)
                node.Children.Add(child = new PointNode(name, argument));
            node = child;
        }

        return node;
    }

    /// <summary>Resolves a probe point to everything that matches it.</summary>
    public ProbeResolution Resolve(ProbePoint point)
    {
        var found = new List<ProbePoint>();
        var resolvers = new List<PointResolver>();
        var search = new Search(point, found, resolvers);
        search.Visit(_root, 0, []);
        if (found.Count == 0)
            return search.Mismatch();
        return found.Count == 1 ? resolvers[0](found[0]) : ResolveAll(found, resolvers);
    }

    /// <summary>The forms of all probe points that are not refused, in order.</summary>
    public IEnumerable<string> Forms() => Forms(_root, "").Order(StringComparer.Ordinal);

    private static IEnumerable<string> Forms(PointNode node, string prefix)
    {
        foreach (PointNode child in node.Children)
        {
            string form = prefix.Length == 0 ? child.ToString() : $"{prefix}.{child}";
            if (child is { Resolve: not null, IsRefused: false })
                yield return form;
            foreach (string deeper in Forms(child, form))
                yield return deeper;
        }
    }

    /// <summary>
    /// Wildcards in names: whatever of the matches there is. What Virtap cannot do is passed over if there is anything that it can.
    /// </summary>
    private static ProbeResolution ResolveAll(List<ProbePoint> points, List<PointResolver> resolvers)
    {
        var targets = new List<ProbeTarget>();
        List<string> warnings = [];
        ProbeResolution? problem = null;
        for (int i = 0; i < points.Count; i++)
        {
            ProbeResolution each = resolvers[i](points[i]);
            targets.AddRange(each.Targets);
            warnings.AddRange(each.Warnings);
            if (each.Problem is not null && (problem is null || (problem.IsRefusal && !each.IsRefusal)))
                problem = each;
        }

        return targets.Count > 0 ? new ProbeResolution(targets) { Warnings = warnings } : problem ?? new ProbeResolution([], "no match");
    }

    /// <summary>A walk down the tree along a probe point.</summary>
    private sealed class Search(ProbePoint point, List<ProbePoint> found, List<PointResolver> resolvers)
    {
        private readonly IReadOnlyList<ProbePointComponent> _components = point.Components;

        // How far any branch came, and the node where it ended: what a mismatch is told about.
        private int _reached = -1;
        private PointNode? _last;

        public void Visit(PointNode node, int at, IReadOnlyList<ProbePointComponent> path)
        {
            if (at > _reached)
                (_reached, _last) = (at, node);
            if (at == _components.Count)
            {
                if (node.Resolve is not { } resolve)
                    return;
                found.Add(point with { Components = path });
                resolvers.Add(resolve);
                return;
            }

            ProbePointComponent component = _components[at];
            if (component is { Name: "**", IsBare: true })
            {
                // None, or a further component without an argument.
                Visit(node, at + 1, path);
                foreach (PointNode child in node.Children.Where(c => c.Argument == PointArgument.None))
                    Visit(child, at, [.. path, component with { Name = child.Name }]);
                return;
            }

            var name = new Glob(component.Name);
            PointArgument argument = component.Text is not null
                ? PointArgument.Text : component.Number is not null ? PointArgument.Number : PointArgument.None;
            foreach (PointNode child in node.Children)
            {
                if (child.Argument == argument && name.IsMatch(child.Name))
                    Visit(child, at + 1, [.. path, component with { Name = child.Name }]);
            }
        }

        public ProbeResolution Mismatch()
        {
            PointNode node = _last!;
            var mismatch = new ProbeMismatch(_reached, node.Resolve is not null, [
                .. node.Children.Where(c => IsForScripts(c.Name)).Select(c => c.ToString())]);
            (ProbePointComponent component, string message) = mismatch.In(point);
            bool isKnown = _reached < _components.Count && node.Children.Exists(c => c.Name == component.Name);
            string? hint = isKnown ? $"'{component.Name}' is written {Spellings(node, component.Name)}"
                : mismatch.CanEnd ? SuffixHint(node) : null;
            return new ProbeResolution([], message, hint) { Span = component.Span, Mismatch = mismatch };
        }

        private static bool IsForScripts(string name) => !name.StartsWith("__", StringComparison.Ordinal);

        private static string? SuffixHint(PointNode node) =>
            node.Children.Count == 0 ? null : $"there is {string.Join(", ", node.Children.Select(c => c.ToString()))}";

        private static string Spellings(PointNode node, string name) =>
            string.Join(" or ", node.Children.Where(c => c.Name == name).Select(c => c.ToString()));
    }
}
