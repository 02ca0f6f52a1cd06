using static Virtap.Language.Library.BuiltInOperation;
using static Virtap.Language.Library.PrintChannel;
using static Virtap.Language.Library.PrintedValues;
using static Virtap.Language.ScriptType;

namespace Virtap.Language.Library;

/// <summary>
/// The built-in functions: what the tapset cannot be written in itself, or what is known to the binder alone. Whoever needs their names,
/// parameters or types asks here; a new one is an entry here, and the code of what it asks of the machine where that is new
/// (<see cref="ContextValue"/>, <see cref="BuiltInOperation"/>): a node of the lowered tree, and each backend's answer to it.
/// </summary>
public static class BuiltIns
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<BuiltIn> All { get; } =
    [
        new("printf", Unknown, new PrintForm(Formatted, EndsLine: false, Output), ("format", ScriptType.String)),
        new("println", Unknown, new PrintForm(Joined, EndsLine: true, Output)),
        new("print", Unknown, new PrintForm(Joined, EndsLine: false, Output)),
        new("printd", Unknown, new PrintForm(Delimited, EndsLine: false, Output), ("delimiter", ScriptType.String)),
        new("printdln", Unknown, new PrintForm(Delimited, EndsLine: true, Output), ("delimiter", ScriptType.String)),
        new("sprintf", ScriptType.String, new PrintForm(Formatted, EndsLine: false, Into: null), ("format", ScriptType.String)),
        new("sprint", ScriptType.String, new PrintForm(Joined, EndsLine: false, Into: null)),
        new("sprintln", ScriptType.String, new PrintForm(Joined, EndsLine: true, Into: null)),
        new("sprintd", ScriptType.String, new PrintForm(Delimited, EndsLine: false, Into: null), ("delimiter", ScriptType.String)),
        new("sprintdln", ScriptType.String, new PrintForm(Delimited, EndsLine: true, Into: null), ("delimiter", ScriptType.String)),
        new("log", Unknown, new PrintForm(Message, EndsLine: true, Output), ("msg", ScriptType.String)),
        new("warn", Unknown, new PrintForm(Message, EndsLine: false, Warning), ("msg", ScriptType.String)),

        new("print_ubacktrace", Unknown, new StackPrint(StackForm.Symbols)),
        new("print_ubacktrace_brief", Unknown, new StackPrint(StackForm.Brief)),
        new("print_ubacktrace_fileline", Unknown, new StackPrint(StackForm.Lines)),

        new("usymfile", ScriptType.String, new AddressText(AddressPart.File), ("addr", Long)),
        new("usymline", ScriptType.String, new AddressText(AddressPart.Line), ("addr", Long)),
        new("usymfileline", ScriptType.String, new AddressText(AddressPart.FileLine), ("addr", Long)),

        new("pid", Long, new ContextRead(ContextValue.Pid)),
        new("tid", Long, new ContextRead(ContextValue.Tid)),
        new("ppid", Long, new ContextRead(ContextValue.Ppid)),
        new("uid", Long, new ContextRead(ContextValue.Uid)),
        new("gid", Long, new ContextRead(ContextValue.Gid)),
        new("euid", Long, new ContextRead(ContextValue.EffectiveUid)),
        new("egid", Long, new ContextRead(ContextValue.EffectiveGid)),
        new("pgrp", Long, new ContextRead(ContextValue.ProcessGroup)),
        new("sid", Long, new ContextRead(ContextValue.Session)),
        new("task_current", Long, new ContextRead(ContextValue.Task)),
        new("__arguments_start", Long, new ContextRead(ContextValue.ArgumentsStart)),
        new("__arguments_end", Long, new ContextRead(ContextValue.ArgumentsEnd)),
        new("__environment_start", Long, new ContextRead(ContextValue.EnvironmentStart)),
        new("__environment_end", Long, new ContextRead(ContextValue.EnvironmentEnd)),
        new("cpu", Long, new ContextRead(ContextValue.Cpu)),
        new("execname", ScriptType.String, new Operation(ThreadName)),
        new("pexecname", ScriptType.String, new Operation(ParentThreadName)),
        new("target", Long, new ContextRead(ContextValue.Target)),
        new("stp_pid", Long, new ContextRead(ContextValue.SessionProcess)),
        new("__session_uid", Long, new ContextRead(ContextValue.SessionUser)),

        new("__load1", Long, new ContextRead(ContextValue.LoadOfMinute)),
        new("__load5", Long, new ContextRead(ContextValue.LoadOfFiveMinutes)),
        new("__load15", Long, new ContextRead(ContextValue.LoadOfQuarterHour)),

        new("gettimeofday_ns", Long, new ContextRead(ContextValue.RealtimeNanoseconds)),
        new("local_clock_ns", Long, new ContextRead(ContextValue.MonotonicNanoseconds)),
        new("get_cycles", Long, new ContextRead(ContextValue.Cycles)),
        new("jiffies", Long, new ContextRead(ContextValue.Ticks)),
        new("HZ", Long, new SessionConstant(SessionValue.TicksPerSecond)),
        new("mem_page_size", Long, new SessionConstant(SessionValue.PageSize)),
        new("tz_gmtoff", Long, new SessionConstant(SessionValue.TimeZoneOffset)),
        new("tz_name", ScriptType.String, new SessionConstant(SessionValue.TimeZoneName)),

        new("__syscall_name", ScriptType.String, new ProbeText(TargetText.CallName)),
        new("pp", ScriptType.String, new ProbeText(TargetText.Point)),
        new("pn", ScriptType.String, new ProbeText(TargetText.Point, PrefersAlias: true)),
        new("probe_type", ScriptType.String, new ProbeText(TargetText.ProbeType)),
        new("ppfunc", ScriptType.String, new ProbeText(TargetText.Function)),
        new("probefunc", ScriptType.String, new ProbeText(TargetText.Function)),

        // What the registers hold; of a function's arguments only at its entry.
        new("uaddr", Long, new ContextRead(ContextValue.InstructionPointer)),
        new("__register", Long, new RegisterRead(), ("number", Long)),
        new("__argument1", Long, new ContextRead(ContextValue.Argument1)),
        new("__argument2", Long, new ContextRead(ContextValue.Argument2)),
        new("__argument3", Long, new ContextRead(ContextValue.Argument3)),
        new("__argument4", Long, new ContextRead(ContextValue.Argument4)),
        new("__argument5", Long, new ContextRead(ContextValue.Argument5)),
        new("__argument6", Long, new ContextRead(ContextValue.Argument6)),

        new("__user_int8", Long, new MemoryRead(1, IsSigned: true), ("addr", Long)),
        new("__user_int16", Long, new MemoryRead(2, IsSigned: true), ("addr", Long)),
        new("__user_int32", Long, new MemoryRead(4, IsSigned: true), ("addr", Long)),
        new("__user_int64", Long, new MemoryRead(8, IsSigned: true), ("addr", Long)),
        new("__user_uint8", Long, new MemoryRead(1, IsSigned: false), ("addr", Long)),
        new("__user_uint16", Long, new MemoryRead(2, IsSigned: false), ("addr", Long)),
        new("__user_uint32", Long, new MemoryRead(4, IsSigned: false), ("addr", Long)),
        new("__user_string", ScriptType.String, new StringRead(MemorySpace.Target), ("addr", Long)),

        new("__kernel_int8", Long, new MemoryRead(1, IsSigned: true, MemorySpace.Kernel), ("addr", Long)),
        new("__kernel_int16", Long, new MemoryRead(2, IsSigned: true, MemorySpace.Kernel), ("addr", Long)),
        new("__kernel_int32", Long, new MemoryRead(4, IsSigned: true, MemorySpace.Kernel), ("addr", Long)),
        new("__kernel_int64", Long, new MemoryRead(8, IsSigned: true, MemorySpace.Kernel), ("addr", Long)),
        new("__kernel_uint8", Long, new MemoryRead(1, IsSigned: false, MemorySpace.Kernel), ("addr", Long)),
        new("__kernel_uint16", Long, new MemoryRead(2, IsSigned: false, MemorySpace.Kernel), ("addr", Long)),
        new("__kernel_uint32", Long, new MemoryRead(4, IsSigned: false, MemorySpace.Kernel), ("addr", Long)),
        new("__kernel_string", ScriptType.String, new StringRead(MemorySpace.Kernel), ("addr", Long)),
        new("__offset", Long, new KernelMember(IsSize: false), ("structure", ScriptType.String), ("member", ScriptType.String)),
        new("__size", Long, new KernelMember(IsSize: true), ("structure", ScriptType.String), ("member", ScriptType.String)),

        new("__symbol_word", Long, new ProgramSymbols(IsText: false), ("number", Long)),
        new("__symbol_text", ScriptType.String, new ProgramSymbols(IsText: true), ("number", Long)),

        new("strlen", Long, new Operation(StringLength), ("s", ScriptType.String)),
        new("substr", ScriptType.String, new Operation(Substring), ("str", ScriptType.String), ("start", Long), ("length", Long)),

        new("__match_groups", Long, new Operation(MatchGroups)),
        new("__match_text", ScriptType.String, new Operation(MatchText)),
        new("__match_bound", Long, new Operation(MatchBound), ("number", Long)),

        new(
            "printk", Unknown, new PrintForm(Message, EndsLine: false, KernelLog), ("level", Long), ("msg", ScriptType.String))
        {
            NeedsGuru = true,
        },
        new("ftrace", Unknown, new PrintForm(Message, EndsLine: true, KernelTrace), ("msg", ScriptType.String)),
        new("speculate", Unknown, new PrintForm(Message, EndsLine: false, Speculation), ("id", Long), ("output", ScriptType.String)),
        new("commit", Unknown, new PrintForm(Message, EndsLine: false, CommitSpeculation), ("id", Long)),
        new("discard", Unknown, new PrintForm(Message, EndsLine: false, DiscardSpeculation), ("id", Long)),
        new("system", Unknown, new PrintForm(Message, EndsLine: false, Command), ("cmd", ScriptType.String)),

        new("switch_file", Unknown, new PrintForm(Message, EndsLine: false, NextFile)),

        new("exit", Unknown, new Operation(Exit)),
        new("__entry_lost", Long, new Operation(CountLostEntry)),
        new("error", Unknown, new Operation(Error), ("msg", ScriptType.String)),
    ];

    /// <summary>@perf: reads a counter, by its number in <see cref="Binding.Tree.BoundProgram.Counters"/>. No script calls it.</summary>
    internal static BuiltIn PerfReading { get; } = new("@perf", Long, new Operation(PerfCounter), ("number", Long));

    /// <summary>Reads a register of the thread.</summary>
    internal static BuiltIn Register => All.First(static each => each.Meaning is RegisterRead);

    /// <summary>The function of a name; null where none is built in.</summary>
    public static BuiltIn? Find(string name)
    {
        foreach (BuiltIn builtIn in All)
        {
            if (builtIn.Name == name)
                return builtIn;
        }

        return null;
    }

    /// <summary>
    /// The function that reads so many bytes of the target's memory (1, 2, 4 or 8); the sign of eight is nobody's matter.
    /// </summary>
    internal static BuiltIn? ReadingOf(long size, bool isSigned) =>
        All.FirstOrDefault(each => each.Meaning is MemoryRead { Space: MemorySpace.Target } read
            && read.Size == size && (read.IsSigned == isSigned || size == 8));
}
