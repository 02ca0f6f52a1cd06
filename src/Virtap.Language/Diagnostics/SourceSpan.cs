namespace Virtap.Language.Diagnostics;

/// <summary>A stretch of a script.</summary>
/// <param name="Source">The text that it lies in.</param>
/// <param name="Start">Offset of its first character.</param>
/// <param name="Length">Its length; 0 is a place between two characters.</param>
public readonly record struct SourceSpan(SourceText Source, int Start, int Length)
{
    /// <summary>Where it begins, as SystemTap writes places: <c>file:line:column</c>.</summary>
    public override string ToString()
    {
        var (line, column) = Source.Position(Start);
        return $"{Source.Name}:{line}:{column}";
    }

    /// <summary>From the beginning of this span to the end of another one of the same text.</summary>
    public SourceSpan To(SourceSpan end) =>
        ReferenceEquals(Source, end.Source) && end.Start + end.Length >= Start ? this with { Length = end.Start + end.Length - Start } : this;
}
