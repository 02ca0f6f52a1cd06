namespace Virtap.Language;

/// <summary>The types of SystemTap's language.</summary>
public enum ScriptType
{
    /// <summary>Not inferred yet, or never used.</summary>
    Unknown,

    /// <summary>A signed 64-bit number.</summary>
    Long,

    /// <summary>A string of at most MAXSTRINGLEN - 1 bytes.</summary>
    String,

    /// <summary>An aggregate, fed by <c>&lt;&lt;&lt;</c>.</summary>
    Statistics,
}
