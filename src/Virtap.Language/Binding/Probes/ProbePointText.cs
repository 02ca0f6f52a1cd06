using System.Text;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Binding.Probes;

/// <summary>Probe points as text, for listings.</summary>
internal static class ProbePointText
{
    /// <summary>A list of probe points.</summary>
    public static string Of(IReadOnlyList<ProbePointSyntax> points, string separator = ",") => string.Join(separator, points.Select(Of));

    private static string Of(ProbePointSyntax point)
    {
        var text = new StringBuilder(Of(point.Components));
        if (point.IsSufficient)
            text.Append('!');
        else if (point.IsOptional)
            text.Append('?');
        if (point.Condition is { Span: var span })
            text.Append(" if (").Append(span.Source.Text, span.Start, span.Length).Append(')');
        return text.ToString();
    }

    /// <summary>The components of a probe point.</summary>
    public static string Of(IEnumerable<ProbeComponentSyntax> components) =>
        string.Join('.', components.Select(static component => component.Argument switch
    {
        NumberSyntax number => $"{component.Name}({number.Value})",
        StringSyntax text => $"{component.Name}(\"{text.Value}\")",
        _ => component.Name,
    }));
}
