namespace Virtap.Binaries.Marks.Recovered;

/// <summary>One argument of a format string.</summary>
/// <param name="Name">The word that labels it in the text, if one does.</param>
/// <param name="CType">The C type that is printed.</param>
internal sealed record LogConversion(string? Name, string CType)
{
    /// <summary>Whether it travels in a vector register.</summary>
    public bool IsFloating => CType == "double";
}
