using System.Text;
using Virtap.Cli.Rendering;
using Virtap.Tracing.Runtime;

namespace Virtap.Cli.Tests.Rendering;

/// <summary>What is written to a <see cref="TextOutput"/>.</summary>
internal static class Rendered
{
    public static string Text(Action<TextOutput> write, bool hasColor = false, int? width = null)
    {
        var text = new StringBuilder();
        using (var output = new TextOutput(new OutputWriter(bytes => text.Append(Encoding.UTF8.GetString(bytes))), hasColor, width))
            write(output);
        return text.ToString();
    }
}
