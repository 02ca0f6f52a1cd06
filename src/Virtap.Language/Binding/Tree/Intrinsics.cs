namespace Virtap.Language.Binding.Tree;

/// <summary>The intrinsics' names and types.</summary>
public static class Intrinsics
{
    /// <summary>An intrinsic as scripts call it.</summary>
    /// <param name="Name">Its name in scripts and in the tapset.</param>
    /// <param name="ReturnType"><see cref="ScriptType.Unknown"/> for none.</param>
    /// <param name="Parameters">Its parameters' types.</param>
    public readonly record struct Signature(string Name, ScriptType ReturnType, params ScriptType[] Parameters);

    /// <summary>Name and types of one.</summary>
    public static Signature Get(Intrinsic intrinsic) => intrinsic switch
    {
        Intrinsic.Pid => new("pid", ScriptType.Long),
        Intrinsic.Tid => new("tid", ScriptType.Long),
        Intrinsic.ParentPid => new("ppid", ScriptType.Long),
        Intrinsic.Uid => new("uid", ScriptType.Long),
        Intrinsic.Gid => new("gid", ScriptType.Long),
        Intrinsic.Cpu => new("cpu", ScriptType.Long),
        Intrinsic.ThreadName => new("execname", ScriptType.String),
        Intrinsic.ParentThreadName => new("pexecname", ScriptType.String),
        Intrinsic.Target => new("target", ScriptType.Long),
        Intrinsic.RealtimeNanoseconds => new("gettimeofday_ns", ScriptType.Long),
        Intrinsic.MonotonicNanoseconds => new("local_clock_ns", ScriptType.Long),
        Intrinsic.Cycles => new("get_cycles", ScriptType.Long),
        Intrinsic.InstructionPointer => new("uaddr", ScriptType.Long),
        Intrinsic.Argument1 => new("__argument1", ScriptType.Long),
        Intrinsic.Argument2 => new("__argument2", ScriptType.Long),
        Intrinsic.Argument3 => new("__argument3", ScriptType.Long),
        Intrinsic.Argument4 => new("__argument4", ScriptType.Long),
        Intrinsic.Argument5 => new("__argument5", ScriptType.Long),
        Intrinsic.Argument6 => new("__argument6", ScriptType.Long),
        Intrinsic.StringLength => new("strlen", ScriptType.Long, ScriptType.String),
        Intrinsic.Substring => new("substr", ScriptType.String, ScriptType.String, ScriptType.Long, ScriptType.Long),
        Intrinsic.Exit => new("exit", ScriptType.Unknown),
        Intrinsic.Error => new("error", ScriptType.Unknown, ScriptType.String),
        Intrinsic.UserInt8 => new("__user_int8", ScriptType.Long, ScriptType.Long),
        Intrinsic.UserInt16 => new("__user_int16", ScriptType.Long, ScriptType.Long),
        Intrinsic.UserInt32 => new("__user_int32", ScriptType.Long, ScriptType.Long),
        Intrinsic.UserInt64 => new("__user_int64", ScriptType.Long, ScriptType.Long),
        Intrinsic.UserUint8 => new("__user_uint8", ScriptType.Long, ScriptType.Long),
        Intrinsic.UserUint16 => new("__user_uint16", ScriptType.Long, ScriptType.Long),
        Intrinsic.UserUint32 => new("__user_uint32", ScriptType.Long, ScriptType.Long),
        Intrinsic.UserString => new("__user_string", ScriptType.String, ScriptType.Long),
        _ => throw new ArgumentOutOfRangeException(nameof(intrinsic)),
    };

    /// <summary>All names.</summary>
    public static IEnumerable<string> Names => Enum.GetValues<Intrinsic>().Select(static intrinsic => Get(intrinsic).Name);

    /// <summary>The intrinsic of a name, or null.</summary>
    public static Intrinsic? Find(string name) => name switch
    {
        "pid" => Intrinsic.Pid,
        "tid" => Intrinsic.Tid,
        "ppid" => Intrinsic.ParentPid,
        "uid" => Intrinsic.Uid,
        "gid" => Intrinsic.Gid,
        "cpu" => Intrinsic.Cpu,
        "execname" => Intrinsic.ThreadName,
        "pexecname" => Intrinsic.ParentThreadName,
        "target" => Intrinsic.Target,
        "gettimeofday_ns" => Intrinsic.RealtimeNanoseconds,
        "local_clock_ns" => Intrinsic.MonotonicNanoseconds,
        "get_cycles" => Intrinsic.Cycles,
        "uaddr" => Intrinsic.InstructionPointer,
        "__argument1" => Intrinsic.Argument1,
        "__argument2" => Intrinsic.Argument2,
        "__argument3" => Intrinsic.Argument3,
        "__argument4" => Intrinsic.Argument4,
        "__argument5" => Intrinsic.Argument5,
        "__argument6" => Intrinsic.Argument6,
        "strlen" => Intrinsic.StringLength,
        "substr" => Intrinsic.Substring,
        "exit" => Intrinsic.Exit,
        "error" => Intrinsic.Error,
        "__user_int8" => Intrinsic.UserInt8,
        "__user_int16" => Intrinsic.UserInt16,
        "__user_int32" => Intrinsic.UserInt32,
        "__user_int64" => Intrinsic.UserInt64,
        "__user_uint8" => Intrinsic.UserUint8,
        "__user_uint16" => Intrinsic.UserUint16,
        "__user_uint32" => Intrinsic.UserUint32,
        "__user_string" => Intrinsic.UserString,
        _ => null,
    };
}
