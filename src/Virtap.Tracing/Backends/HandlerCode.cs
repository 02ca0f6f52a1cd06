using Virtap.Bpf.Specs;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Runtime;

namespace Virtap.Tracing.Backends;

/// <summary>What a backend has made of its handlers, before any kernel has seen it.</summary>
/// <param name="program">The script's program.</param>
/// <param name="handlers">Those of its handlers that the backend runs, in the script's order.</param>
public abstract class HandlerCode(LoweredProgram program, IReadOnlyList<LoweredHandler> handlers)
{
    /// <summary>The script's program.</summary>
    public LoweredProgram Program { get; } = program;

    /// <summary>Those of its handlers that the backend runs, in the script's order.</summary>
    public IReadOnlyList<LoweredHandler> Handlers { get; } = handlers;

    /// <summary>
    /// The programs that handlers have become which run in the kernel, one for each, in their order; none where this process runs them.
    /// </summary>
    public virtual IReadOnlyList<ProgramSpec> Programs => [];

    /// <summary>
    /// The map that the session's memory has to be, for handlers that run in the kernel; null where this process's own will do.
    /// </summary>
    public virtual MapSpec? SharedMemory => null;

    /// <summary>Pass 4: makes whatever the handlers need in order to run, and attaches nothing.</summary>
    /// <param name="memory">The session's memory: <see cref="SharedMemory"/>, if that was asked for.</param>
    /// <param name="records">Takes what the handlers print, and their errors.</param>
    /// <param name="isTimed">Whether their runs are counted and timed (<see cref="LoadedHandlers.TimesOf"/>).</param>
    /// <exception cref="Bpf.Kernel.BpfException">The kernel refused something.</exception>
    internal abstract LoadedHandlers Load(SessionMemory memory, IRecordSink records, bool isTimed);
}
