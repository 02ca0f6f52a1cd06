using Virtap.Binaries.Machine;
using Virtap.Bpf.Btf;
using Virtap.Bpf.Features;
using Virtap.Bpf.Programs;
using Virtap.Processes;
using Virtap.Tracing.Emit;
using Virtap.Tracing.Lowering.Tree;
using Virtap.Tracing.Probes;

namespace Virtap.Tracing.Session;

/// <summary>Pass 3: makes programs of the handlers that run in targets, with what the running kernel offers.</summary>
internal sealed class HandlerTranslator(LoweredProgram program, SessionOptions options)
{
    // The pid filter of a link for many places took one thread for the whole process before 6.10.
    private static readonly Version s_processFilter = new(6, 10);

    private KernelFeatures Features => options.Features;

    /// <summary>Translates every handler that has a target in code.</summary>
    /// <exception cref="SessionException">Some handler has no form in eBPF, or none on this kernel.</exception>
    public List<HandlerProgram> Translate()
    {
        var programs = new List<HandlerProgram>();
        var problems = new List<string>();
        foreach (LoweredHandler handler in program.Handlers)
        {
            if (handler.Targets.OfType<CodeTarget>().FirstOrDefault() is not { } target)
                continue;
            EmitResult result = ForeignProcessor(handler) is { } problem ? new EmitResult(null, problem) : Emit(handler);
            if (result.Program is { } spec)
                programs.Add(new HandlerProgram(handler, spec, Attachment(handler)));
            else
                problems.Add($"{target.Point}: {result.Unsupported}");
        }

        return problems.Count == 0 ? programs : throw new SessionException(string.Join('\n', problems));
    }

    private EmitResult Emit(LoweredHandler handler)
    {
        EmitOptions emit = new()
        {
            Architecture = Here,
            HasLoopHelper = Features.Loop.Present,
            HasPreemptionControl = Features.PreemptionControl.Present,
            PidNamespace = PidNamespace.Own,
        };
        if (options.LockTries is int tries)
            emit = emit with { LockTries = tries };
        EmitResult result = ProgramEmitter.Emit(program, handler, emit);
        if (result.Unsupported is null || ReadTaskLayout() is not { } task)
            return result;

        // Few scripts ask for a process's parent, and it takes milliseconds to find out where the kernel keeps it.
        return ProgramEmitter.Emit(program, handler, emit with { Task = task });
    }

    private static Architecture Here => System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.Arm64
        ? Architecture.Arm64
        : Architecture.X64;

    private static string? ForeignProcessor(LoweredHandler handler)
    {
        foreach (CodeTarget target in handler.Targets.OfType<CodeTarget>())
        {
            if (target.Binary.Elf.Architecture != Here)
                return $"{target.Binary.Path} is for another processor ({target.Binary.Elf.Architecture?.ToString() ?? "an unknown one"}) than this machine's ({Here})";
        }

        return null;
    }

    private UprobeAttachment Attachment(LoweredHandler handler)
    {
        if (options.Attachment is { } wanted)
            return wanted;
        bool isConfined = handler.Targets.Any(t => t is CodeTarget { Process: not 0 });
        return isConfined && Environment.OSVersion.Version < s_processFilter ? UprobeAttachment.PerfEvent : Features.Attachment;
    }

    private static TaskLayout? ReadTaskLayout() => KernelBtf.Vmlinux is { } btf
        && btf.FindMember("task_struct", "real_parent") is { } parent
        && btf.FindMember("task_struct", "tgid") is { } tgid
        && btf.FindMember("task_struct", "comm") is { } comm
            ? new TaskLayout(parent.Offset, tgid.Offset, comm.Offset)
            : null;
}
