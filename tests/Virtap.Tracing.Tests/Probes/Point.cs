using System.Globalization;
using System.Text.RegularExpressions;
using Virtap.Language;
using Virtap.Language.Binding.Targets;

namespace Virtap.Tracing.Tests.Probes;

/// <summary>Probe points from their text, as the parser would give them.</summary>
internal static partial class Point
{
    public static ProbePoint Of(string text)
    {
        var source = new SourceText("t.stp", text);
        var components = new List<ProbePointComponent>();
        foreach (Match match in Component().Matches(text))
        {
            string argument = match.Groups["argument"].Value;
            var span = new SourceSpan(source, match.Index, match.Length);
            string name = match.Groups["name"].Value;
            components.Add(argument.Length == 0 ? new ProbePointComponent(span, name)
                : argument[0] == '"' ? new ProbePointComponent(span, name, Text: argument[1..^1])
                : new ProbePointComponent(span, name, Number: argument.StartsWith("0x", StringComparison.Ordinal)
                    ? long.Parse(argument[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture)
                    : long.Parse(argument, CultureInfo.InvariantCulture)));
        }

        return new ProbePoint(new SourceSpan(source, 0, text.Length), components);
    }

    [GeneratedRegex("""(?<name>[\w*?\[\]]+)(\((?<argument>"[^"]*"|[-\w]+)\))?""")]
    private static partial Regex Component();
}
