namespace Virtap.Language.Binding.Tree;

/// <summary>The texts that a handler can ask of the target that was hit.</summary>
public enum TargetText
{
    /// <summary>pp(): <see cref="ProbeTarget.Point"/>.</summary>
    Point,

    /// <summary>probefunc() and ppfunc(): <see cref="ProbeTarget.Function"/>, or "".</summary>
    Function,

    /// <summary><c>$$name</c>.</summary>
    MarkName,

    /// <summary><c>$$provider</c>.</summary>
    Provider,
}
