namespace Virtap.Language.Library;

/// <summary>What a built-in function does: what it asks of the machine that runs the handler, or what the binder makes of it.</summary>
public abstract record BuiltInMeaning;

/// <summary>A number that is known of the thread, the time or the session.</summary>
public sealed record ContextRead(ContextValue Value) : BuiltInMeaning;

/// <summary>
/// So many bytes (1, 2, 4 or 8) of memory, the target's or the kernel's, at the address that is the argument, widened; what cannot be read
/// is a read fault.
/// </summary>
public sealed record MemoryRead(int Size, bool IsSigned, MemorySpace Space = MemorySpace.Target) : BuiltInMeaning;

/// <summary>Bytes of memory up to a zero, cut at MAXSTRINGLEN; what cannot be read is a read fault.</summary>
public sealed record StringRead(MemorySpace Space) : BuiltInMeaning;

/// <summary>Whose memory an address is of.</summary>
public enum MemorySpace
{
    /// <summary>That of the program whose thread runs the handler.</summary>
    Target,

    /// <summary>The kernel's.</summary>
    Kernel,
}

/// <summary>
/// Where a member lies in a structure of the running kernel, or how many bytes it takes; the tags of both are written out in the call.
/// </summary>
public sealed record KernelMember(bool IsSize) : BuiltInMeaning;

/// <summary>
/// A register of the thread at the probe site, by its number in DWARF, which is written out; where there are no registers, a read fault.
/// </summary>
public sealed record RegisterRead : BuiltInMeaning;

/// <summary>
/// A word of what is known of the probed programs' symbols, or the text that lies where the word says; the lowerer makes the table.
/// </summary>
public sealed record ProgramSymbols(bool IsText) : BuiltInMeaning;

/// <summary>Something that each machine has code for.</summary>
public sealed record Operation(BuiltInOperation What) : BuiltInMeaning;

/// <summary>A text of the probe that was hit.</summary>
/// <param name="Text">Which.</param>
/// <param name="PrefersAlias">Where the script names an alias, the alias's name instead.</param>
public sealed record ProbeText(TargetText Text, bool PrefersAlias = false) : BuiltInMeaning;

/// <summary>A value that is the same throughout the session: the binder puts it in.</summary>
public sealed record SessionConstant(SessionValue Value) : BuiltInMeaning;

/// <summary>Values made into text.</summary>
/// <param name="Values">Which, and how they are joined.</param>
/// <param name="EndsLine">Whether a new line follows them.</param>
/// <param name="Into">Where the text goes; null where it is the function's value.</param>
public sealed record PrintForm(PrintedValues Values, bool EndsLine, PrintChannel? Into) : BuiltInMeaning;

/// <summary>The calls that led to the probe, printed: the target's stack goes to where the text is made.</summary>
/// <param name="Form">How.</param>
public sealed record StackPrint(StackForm Form) : BuiltInMeaning;

/// <summary>
/// Where in the source an address of the program's code is. Lines are looked up when text is made of what was printed: elsewhere a
/// handler cannot have it.
/// </summary>
/// <param name="Part">What of the place.</param>
public sealed record AddressText(AddressPart Part) : BuiltInMeaning;

/// <summary>What of a place in the source is printed; the address, where the place is not known.</summary>
public enum AddressPart
{
    /// <summary>usymfile(): the file.</summary>
    File,

    /// <summary>usymline(): the line.</summary>
    Line,

    /// <summary>usymfileline(): both, with a colon.</summary>
    FileLine,
}

/// <summary>How a stack is printed.</summary>
public enum StackForm
{
    /// <summary>A line for each frame: address, symbol, module.</summary>
    Symbols,

    /// <summary>One line: the symbols.</summary>
    Brief,

    /// <summary>A line for each frame, with its place in the source.</summary>
    Lines,
}

/// <summary>What each machine has code for.</summary>
public enum BuiltInOperation
{
    /// <summary>strlen(s), in bytes.</summary>
    StringLength,

    /// <summary>substr(s, start, length), in bytes; out of range is "".</summary>
    Substring,

    /// <summary>execname(): the thread's name, as the kernel has it (at most 15 bytes).</summary>
    ThreadName,

    /// <summary>pexecname()</summary>
    ParentThreadName,

    /// <summary>@perf("name"): what a perf event has counted of the thread, or where it is of no process of the processor.</summary>
    PerfCounter,

    /// <summary>How many groups the last match of a regular expression has, the whole of it among them; 0 where it failed.</summary>
    MatchGroups,

    /// <summary>The text that was looked at.</summary>
    MatchText,

    /// <summary>Where in the text a group begins (an even number, 0 the whole match) or ends (odd); -1 for none.</summary>
    MatchBound,

    /// <summary>exit(): ends the session; the handler goes on.</summary>
    Exit,

    /// <summary>error(text): ends the handler.</summary>
    Error,

    /// <summary>Counts a return that found nothing kept of its beginning, and is 1.</summary>
    CountLostEntry,
}

/// <summary>What is the same throughout a session.</summary>
public enum SessionValue
{
    /// <summary>tz_gmtoff(): seconds west of Greenwich.</summary>
    TimeZoneOffset,

    /// <summary>tz_name(): the time zone as date(1) abbreviates it.</summary>
    TimeZoneName,

    /// <summary>mem_page_size(): bytes of a page of memory.</summary>
    PageSize,

    /// <summary>HZ(): how often the kernel's clock ticks in a second.</summary>
    TicksPerSecond,
}

/// <summary>How what is printed is given.</summary>
public enum PrintedValues
{
    /// <summary>Its parameters; a number among them with a blank behind it.</summary>
    Message,

    /// <summary>Values one after the other.</summary>
    Joined,

    /// <summary>The same with a delimiter, written out, between two.</summary>
    Delimited,

    /// <summary>A format, written out, and what it converts.</summary>
    Formatted,
}

/// <summary>Where a printed text goes.</summary>
public enum PrintChannel
{
    /// <summary>The session's output.</summary>
    Output,

    /// <summary>Standard error, as "WARNING: …".</summary>
    Warning,

    /// <summary>A shell, which runs it beside the session.</summary>
    Command,

    /// <summary>printk(): the kernel's log, with its level before it.</summary>
    KernelLog,

    /// <summary>ftrace(): the kernel's trace.</summary>
    KernelTrace,

    /// <summary>speculate(): held back, with others of the number before it.</summary>
    Speculation,

    /// <summary>commit(), a number: what is held back under it goes to the output.</summary>
    CommitSpeculation,

    /// <summary>discard(), a number: what is held back under it is forgotten.</summary>
    DiscardSpeculation,

    /// <summary>switch_file(): nothing is printed; what follows goes into the next file.</summary>
    NextFile,
}

/// <summary>What a handler may ask of the machine that runs it.</summary>
public enum ContextValue
{
    /// <summary>Process id (the kernel's tgid).</summary>
    Pid,

    /// <summary>Thread id (the kernel's pid).</summary>
    Tid,

    /// <summary>Process id of the parent.</summary>
    Ppid,

    Uid,

    Gid,

    /// <summary>Effective user id.</summary>
    EffectiveUid,

    /// <summary>Effective group id.</summary>
    EffectiveGid,

    /// <summary>pgrp(): the process group.</summary>
    ProcessGroup,

    /// <summary>sid(): the session.</summary>
    Session,

    /// <summary>task_current(): where the kernel has what it knows of the thread.</summary>
    Task,

    /// <summary>Where the program's arguments begin and end in its memory, then its environment: strings, one behind the other.</summary>
    ArgumentsStart,

    /// <inheritdoc cref="ArgumentsStart"/>
    ArgumentsEnd,

    /// <inheritdoc cref="ArgumentsStart"/>
    EnvironmentStart,

    /// <inheritdoc cref="ArgumentsStart"/>
    EnvironmentEnd,

    Cpu,

    /// <summary>CLOCK_MONOTONIC, nanoseconds.</summary>
    MonotonicNanoseconds,

    /// <summary>CLOCK_REALTIME, nanoseconds.</summary>
    RealtimeNanoseconds,

    /// <summary>Cycles of the time stamp counter.</summary>
    Cycles,

    /// <summary>jiffies(): ticks of the kernel's clock.</summary>
    Ticks,

    /// <summary>target(): the process given by -x or started by -c, or 0.</summary>
    Target,

    /// <summary>stp_pid(): the process that runs the session.</summary>
    SessionProcess,

    /// <summary>The user who runs the session.</summary>
    SessionUser,

    /// <summary>How busy the machine is, in hundredths: the average over a minute; those over five and fifteen follow.</summary>
    LoadOfMinute,
    LoadOfFiveMinutes,
    LoadOfQuarterHour,

    /// <summary>The instruction pointer at the probe site.</summary>
    InstructionPointer,

    /// <summary>What the register of a function's first argument holds at the probe site; those of the next five follow.</summary>
    Argument1,
    Argument2,
    Argument3,
    Argument4,
    Argument5,
    Argument6,

    /// <summary>At a return that the kernel catches, the function that returns: the run-time address of its first instruction.</summary>
    ReturningFunction,
}

/// <summary>The texts that a handler can ask of the target that was hit.</summary>
public enum TargetText
{
    /// <summary>pp(): the resolved probe point.</summary>
    Point,

    /// <summary>probefunc() and ppfunc(): the function probed, or "".</summary>
    Function,

    /// <summary>probe_type(): what kind of probe it is, in SystemTap's words.</summary>
    ProbeType,

    /// <summary><c>$$name</c>.</summary>
    MarkName,

    /// <summary><c>$$provider</c>.</summary>
    Provider,

    /// <summary>What the tapset's system calls have as <c>name</c>.</summary>
    CallName,
}
