namespace Virtap.Language.Binding;

/// <summary>
/// One place, or one event, that a probe point stands for. Who resolves probe points derives from it; this room only asks what a script may ask.
/// A handler's body is bound once for all targets whose answers are equal.
/// </summary>
public abstract class ProbeTarget
{
    /// <summary>The resolved probe point, as pp() gives it and -l lists it: <c>process("/usr/bin/x").mark("m")</c>.</summary>
    public abstract string Point { get; }

    /// <summary>The function probed, as probefunc() and ppfunc() give it; for a mark its name; null where there is none.</summary>
    public virtual string? Function => null;

    /// <summary><c>$$name</c>: the mark's (or system call's) name; null where the probe point has none.</summary>
    public virtual string? MarkName => null;

    /// <summary><c>$$provider</c>; null where the probe point has none.</summary>
    public virtual string? Provider => null;

    /// <summary>A hit counts only where this is not zero; null where each one does. Handlers run behind that test.</summary>
    public virtual TargetSource? FiresOnlyIf => null;

    /// <summary>The variables that a handler can name here, in order: what <c>$$vars</c> prints and -L lists.</summary>
    public virtual IReadOnlyList<TargetVariable> Variables => [];

    /// <summary>Looks up <c>$name</c> (given without the <c>$</c>).</summary>
    public virtual TargetLookup Find(string name) => TargetLookup.Unknown;
}
