namespace Virtap.Tracing.Lowering.Tree;

/// <summary>A function of the script. Its parameters, locals and result lie at fixed slots.</summary>
public sealed class LoweredFunction(string name)
{
    /// <summary>The name in the script.</summary>
    public string Name { get; } = name;

    /// <summary>What it does; set once, after every function has been made, because functions may call each other.</summary>
    public LoweredStatement Body { get; set; } = new LoweredBlock([]);

    /// <summary>First byte and length of its slots in a context; what a recursive call has to save.</summary>
    public int SlotsOffset { get; set; }

    /// <inheritdoc cref="SlotsOffset"/>
    public int SlotsBytes { get; set; }

    /// <summary>Whether it can call itself, directly or not.</summary>
    public bool IsRecursive { get; set; }
}
