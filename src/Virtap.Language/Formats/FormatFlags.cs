namespace Virtap.Language.Formats;

/// <summary>The flags of a conversion.</summary>
[Flags]
public enum FormatFlags
{
    None = 0,

    /// <summary>#</summary>
    Alternate = 1,

    /// <summary>0</summary>
    ZeroPad = 2,

    /// <summary>-</summary>
    LeftJustify = 4,

    /// <summary>+</summary>
    Plus = 8,

    /// <summary>A blank.</summary>
    Space = 16,
}
