namespace Virtap.Language.Binding.Targets;

/// <summary>
/// One place, or one event, that a probe point stands for. Who resolves probe points derives from it; Language only asks what a script
/// may ask. A handler's body is bound once for all targets whose answers are equal.
/// </summary>
public abstract class ProbeTarget
{
    /// <summary>The resolved probe point, as pp() gives it and -l lists it: <c>process("/usr/bin/x").mark("m")</c>.</summary>
    public abstract string Point { get; }

    /// <summary>The function probed, as probefunc() and ppfunc() give it; for a mark its name; null where there is none.</summary>
    public virtual string? Function => null;

    /// <summary>What kind of probe it is, as probe_type() gives it: SystemTap's words; null where it has none for it.</summary>
    public virtual string? ProbeType => null;

    /// <summary><c>$$name</c>: the mark's (or system call's) name; null where the probe point has none.</summary>
    public virtual string? MarkName => null;

    /// <summary><c>$$provider</c>; null where the probe point has none.</summary>
    public virtual string? Provider => null;

    /// <summary>What a system call is called behind <c>syscall.</c>; null for everything else.</summary>
    public virtual string? CallName => null;

    /// <summary>
    /// Whether one handler serves this target and another one, of another probe point, where the handler does the same for both: they are
    /// hung in at one place, and what happens there says which of them was meant.
    /// </summary>
    public virtual bool SharesHandlerWith(ProbeTarget other) => false;

    /// <summary>
    /// Of a target that fires at the end of something, the one that fires at its beginning: where <c>@entry</c> is computed.
    /// </summary>
    public virtual ProbeTarget? Entry => null;

    /// <summary>Whether a script may name at the end what only <see cref="Entry"/> knows, and means what it was there.</summary>
    public virtual bool RecallsEntry => true;

    /// <summary>A hit counts only where this is not zero; null where each one does. Handlers run behind that test.</summary>
    public virtual TargetSource? FiresOnlyIf => null;

    /// <summary>
    /// What a counter goes by that is not probed but read: <c>@perf("name")</c> in other probes. A handler of it never runs. Null for all
    /// others.
    /// </summary>
    public virtual string? CounterName => null;

    /// <summary>Whether a handler runs in the thread whose counters <c>@perf</c> reads: at places in programs' code.</summary>
    public virtual bool CanCount => false;

    /// <summary>Whether it is of a kind that can have variables, which begin and timers are not.</summary>
    public virtual bool HasVariables => true;

    /// <summary>The variables that a handler can name here, in order: what <c>$$vars</c> prints and -L lists.</summary>
    public virtual IReadOnlyList<TargetVariable> Variables => [];

    /// <summary>Whether it is known which variables there are, be it that there are none.</summary>
    public virtual bool KnowsVariables => MarkName is not null || Variables.Count > 0;

    /// <summary>Why there is no text of all variables, or of the function's own: <c>$$vars</c>, <c>$$parms</c>, <c>$$locals</c>.</summary>
    /// <param name="name">The name behind the first <c>$</c>.</param>
    /// <returns>A sentence of SystemTap's; null where there is one.</returns>
    public virtual string? WhyNoText(string name) => null;

    /// <summary>Looks up <c>$name</c> (given without the <c>$</c>).</summary>
    public virtual TargetLookup Find(string name) => TargetLookup.Unknown;

    /// <summary>
    /// A text that the handler and whoever has it run exchange, as <c>$value</c> of a file that is read or written: the global that
    /// <c>$name</c> is another name of; null where it is none.
    /// </summary>
    public virtual string? TextOf(string name) => null;

    /// <summary><c>@var("name@file", "module")</c>: a variable of the program, or of another file.</summary>
    /// <param name="name">The name, perhaps with the source file that defines it.</param>
    /// <param name="module">The file; null for the target's own.</param>
    public virtual TargetLookup FindGlobal(string name, string? module) => TargetLookup.Unknown;

    /// <summary>
    /// <c>@cast(p, "type", "module")</c>: the type, for a number that is the first operand. A structure's name stands for a pointer to it.
    /// </summary>
    /// <param name="name">The type's name: <c>struct x</c>, <c>x</c>, <c>x *</c>.</param>
    /// <param name="module">The file that knows it; null for the target's own.</param>
    public virtual TargetLookup FindType(string name, string? module) => TargetLookup.Unknown;

    /// <summary><c>@enum("NAME")</c>: the value of an enumeration's constant; null where there is none.</summary>
    public virtual long? FindConstant(string name) => null;
}

/// <summary>A variable of the traced program that a handler can name.</summary>
/// <param name="Name">Its name, without the <c>$</c>.</param>
/// <param name="Label">What <c>$$vars</c> and <c>$$parms</c> print before the equals sign (SystemTap: <c>$arg1</c> for marks, <c>x</c> for
/// variables).</param>
/// <param name="Lookup">How to read it, or why it cannot be read.</param>
/// <param name="IsParameter">Whether <c>$$parms</c> has it too.</param>
public sealed record TargetVariable(string Name, string Label, TargetLookup Lookup, bool IsParameter = true)
{
    /// <summary>
    /// The type, as listings write it, of one that is there and is no number that a script could read; null for all others.
    /// </summary>
    public string? UnreadableType { get; init; }
}
