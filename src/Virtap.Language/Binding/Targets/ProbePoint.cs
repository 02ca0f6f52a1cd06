using System.Text;

namespace Virtap.Language.Binding.Targets;

/// <summary>A probe point without its condition and its <c>?</c> or <c>!</c>.</summary>
/// <param name="Span">Where the script has it.</param>
/// <param name="Components">Its parts from left to right.</param>
public sealed record ProbePoint(SourceSpan Span, IReadOnlyList<ProbePointComponent> Components)
{
    /// <summary>As a script has it: <c>process("a").mark("b")</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (ProbePointComponent component in Components)
        {
            if (text.Length > 0)
                text.Append('.');
            text.Append(component);
        }

        return text.ToString();
    }
}

/// <summary>One part of a probe point: a name, and an argument of which at most one is set.</summary>
public sealed record ProbePointComponent(SourceSpan Span, string Name, string? Text = null, long? Number = null)
{
    /// <summary>Whether it has no argument.</summary>
    public bool IsBare => Text is null && Number is null;

    public override string ToString() => Text is not null ? $"{Name}(\"{Text}\")" : Number is long number ? $"{Name}({number})" : Name;
}
