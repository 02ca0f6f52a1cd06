namespace Virtap.Tracing.Probes;

/// <summary>Where in the kernel a program is hung in, other than at a breakpoint in a program's code.</summary>
public abstract record KernelHook;

/// <summary>A raw trace point (4.17): its name without the group, <c>sys_enter</c>.</summary>
public sealed record TracepointHook(string Name) : KernelHook;

/// <summary>A perf event that fires on every processor, or in one process.</summary>
/// <param name="Type">PERF_TYPE_*.</param>
/// <param name="Config">Which event of the type.</param>
/// <param name="Sampling">Fires after so many events, or (<paramref name="IsFrequency"/>) so often a second.</param>
/// <param name="IsFrequency">How <paramref name="Sampling"/> is meant.</param>
/// <param name="Process">The process that it counts in; 0 for whatever runs.</param>
public sealed record PerfEventHook(uint Type, ulong Config, ulong Sampling, bool IsFrequency, int Process = 0) : KernelHook;
