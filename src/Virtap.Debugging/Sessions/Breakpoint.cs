using Virtap.Debugging.Locations;
using Virtap.Debugging.Values;

namespace Virtap.Debugging.Sessions;

/// <summary>A breakpoint, or a watchpoint: an expression, whose value changing stops the process.</summary>
public sealed class Breakpoint
{
    /// <summary>Its number.</summary>
    public required int Number { get; init; }

    /// <summary>What was asked for: a place, or an expression.</summary>
    public required string Text { get; init; }

    /// <summary>Whether it is a watchpoint.</summary>
    public bool IsWatch { get; init; }

    /// <summary>Whether it goes when it has stopped the process once.</summary>
    public bool IsTemporary { get; init; }

    /// <summary>The thread that is meant, by its number; null for any.</summary>
    public int? ThreadNumber { get; init; }

    /// <summary>Whether it stops anything.</summary>
    public bool IsEnabled { get; set; } = true;

    /// <summary>Where it is; none where the place is not there yet.</summary>
    public IReadOnlyList<CodeLocation> Locations { get; internal set; } = [];

    /// <summary>What has to be true for it to stop the process; null for nothing.</summary>
    public string? Condition { get; set; }

    /// <summary>How many hits more do not stop the process.</summary>
    public int IgnoreCount { get; set; }

    /// <summary>How often it was hit.</summary>
    public int Hits { get; internal set; }

    /// <summary>What is done when it stops the process.</summary>
    public IReadOnlyList<string> Commands { get; set; } = [];

    /// <summary>Of a watchpoint: the value that was last seen, and its text.</summary>
    internal (Value Value, string Text)? Last { get; set; }

    /// <summary>Of a watchpoint of local variables: the frame that they are of, by its CFA.</summary>
    internal ulong Cfa { get; set; }
}
