using Virtap.Language.Binding.Targets;

namespace Virtap.Tracing.Probes.Grammar;

/// <summary>
/// Resolves a probe point whose components are those of a node of the grammar and its ancestors, names without wildcards.
/// </summary>
internal delegate ProbeResolution PointResolver(ProbePoint point);

/// <summary>A component that may stand behind certain others.</summary>
internal sealed class PointNode(string name, PointArgument argument)
{
    public string Name { get; } = name;

    public PointArgument Argument { get; } = argument;

    public List<PointNode> Children { get; } = [];

    /// <summary>What a probe point that ends here stands for; null where it may not end here.</summary>
    public PointResolver? Resolve { get; set; }

    /// <summary>Whether what ends here is always refused: SystemTap has it, Virtap has not.</summary>
    public bool IsRefused { get; set; }

    /// <summary>As SystemTap lists probe types: <c>mark(string)</c>.</summary>
    public override string ToString() => Argument switch
    {
        PointArgument.Text => Name + "(string)",
        PointArgument.Number => Name + "(number)",
        _ => Name,
    };
}

/// <summary>What a component of a probe point takes in brackets.</summary>
internal enum PointArgument
{
    None,
    Text,
    Number,
}
