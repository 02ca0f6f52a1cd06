namespace Virtap.Tracing.Emit;

/// <summary>The maps that every program of a session refers to.</summary>
public static class EmitNames
{
    /// <summary>The session's memory: an array map of one value, mapped into this process.</summary>
    public const string Memory = "memory";

    /// <summary>The ring buffer of records.</summary>
    public const string Output = "output";
}
