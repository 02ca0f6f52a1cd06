using Virtap.Binaries.Code;
using Virtap.Binaries.Types;
using Virtap.Language.Binding.Targets;
using Virtap.Language.Library;

namespace Virtap.Tracing.Probes;

/// <summary>Where a handler runs, and what may run at the same time.</summary>
public enum HandlerKind
{
    /// <summary>In this process, while nothing else runs: begin, end, error, never.</summary>
    Alone,

    /// <summary>In this process, one at a time, while the targets go on: timers, process events.</summary>
    InProcess,

    /// <summary>In the threads of the targets, on all CPUs at once.</summary>
    InTarget,
}

/// <summary>A target of a session: every one that Tracing's families resolve, and none else.</summary>
public abstract class HandledTarget : ProbeTarget
{
    /// <summary>Where its handler runs.</summary>
    public abstract HandlerKind Kind { get; }

    /// <summary>
    /// Where in the kernel its program is hung in; null for a breakpoint in a program's code, and where no program is needed.
    /// </summary>
    public virtual KernelHook? Hook => null;

    /// <summary>Whose events count; null where its place says that already.</summary>
    public virtual ProcessFilter? Filter => null;

    /// <summary>Opens a file that a script names, so that its types are known at every target; null for what is no program.</summary>
    internal Func<string, ProbedBinary?>? OpenModule { get; set; }

    /// <summary>
    /// The types of a file that is named, or of several with a colon between them, are the same at every target; so are the kernel's own:
    /// <c>@cast(p, "task_struct", "kernel&lt;linux/sched.h&gt;")</c>.
    /// </summary>
    public override TargetLookup FindType(string name, string? module)
    {
        if (module is null)
            return TargetLookup.Unknown;
        string? why = null;
        foreach (string each in module.Split(':', StringSplitOptions.RemoveEmptyEntries))
        {
            if (each.StartsWith("kernel", StringComparison.Ordinal))
            {
                if (KernelTypes.Current?.Find(name) is { } ofKernel)
                    return PointerTo(ofKernel, MemorySpace.Kernel);
            }
            else if (each.StartsWith('<'))
            {
                why ??= $"types of '{each}' are not known: headers are not compiled";
            }
            else if (FileOf(each) is { } file)
            {
                if (file.FindType(name, out string? problem) is { } type)
                    return PointerTo(type, MemorySpace.Target);
                why ??= problem ?? file.WithoutDebug;
            }
        }

        return TargetLookup.None($"type definition '{name}' not found in '{module}'", why);
    }

    /// <summary>The file that a script means by a name; null where it is none.</summary>
    private protected virtual ProbedBinary? FileOf(string module) => OpenModule?.Invoke(module);

    private static TargetLookup PointerTo(CType type, MemorySpace space) =>
        new(new MachineSource(new OperandValue(0), DebugVariables.AsPointer(type)) { Space = space }, null);

    /// <summary>Why something that a built-in function reads cannot be had when this target is hit; null where it can.</summary>
    public virtual MissingContext? Missing(ContextValue value) => null;
}

/// <summary>Why a value cannot be had, for the script's author.</summary>
/// <param name="Reason">What is so.</param>
/// <param name="Hint">What to do instead.</param>
public sealed record MissingContext(string Reason, string Hint);

/// <summary>Where in the kernel a program is hung in, other than at a breakpoint in a program's code.</summary>
public abstract record KernelHook;

/// <summary>A raw trace point (4.17): its name without the group, <c>sys_enter</c>.</summary>
public sealed record TracepointHook(string Name) : KernelHook;

/// <summary>A perf event that fires on every processor.</summary>
/// <param name="Type">PERF_TYPE_*.</param>
/// <param name="Config">Which event of the type.</param>
/// <param name="Sampling">Fires after so many events, or (<paramref name="IsFrequency"/>) so often a second.</param>
/// <param name="IsFrequency">How <paramref name="Sampling"/> is meant.</param>
public sealed record PerfEventHook(uint Type, ulong Config, ulong Sampling, bool IsFrequency) : KernelHook;

/// <summary>Some bytes of a process's memory, which the processor watches.</summary>
/// <param name="Process">The process; null for the session's target.</param>
/// <param name="Address">The address, as the process has it.</param>
/// <param name="LinkedIn">The program whose variable it is: the address is that at link time. Null for an address of the process.</param>
/// <param name="Length">1, 2, 4 or 8 bytes.</param>
/// <param name="AlsoRead">Whether reads count too, and not only writes.</param>
public sealed record WatchpointHook(
    int? Process, ulong Address, ProbedBinary? LinkedIn, int Length, bool AlsoRead) : KernelHook;
