using System.Diagnostics;
using System.Globalization;
using Virtap.Bpf.Programs;
using Virtap.Tracing.Lowering.Tree;
using Virtap.Tracing.Output;

namespace Virtap.Tracing.Session;

/// <summary>
/// How often each handler ran and for how long (-t). For handlers in targets the kernel counts, which makes every eBPF program of the machine a little slower while this lasts.
/// </summary>
internal sealed class ProbeTimes : IDisposable
{
    private readonly Dictionary<LoweredHandler, (long Hits, long Ticks)> _own = [];
    private readonly ProgramStatistics? _statistics;

    /// <summary>Begins to count.</summary>
    /// <param name="hasPrograms">Whether some handlers run in targets.</param>
    /// <exception cref="Bpf.Kernel.BpfException">The kernel does not count for this user (CAP_SYS_ADMIN), or cannot (5.8).</exception>
    public ProbeTimes(bool hasPrograms) => _statistics = hasPrograms ? ProgramStatistics.Enable() : null;

    /// <summary>Counts a run in this process that began at a <see cref="Stopwatch"/>'s timestamp.</summary>
    public void Add(LoweredHandler handler, long start)
    {
        (long hits, long ticks) = _own.GetValueOrDefault(handler);
        _own[handler] = (hits + 1, ticks + Stopwatch.GetTimestamp() - start);
    }

    /// <summary>Writes a line for each handler that ran, in the script's order, under SystemTap's heading.</summary>
    public void Write(LoweredProgram program, SessionPrograms? programs, OutputWriter output)
    {
        output.Write("----- probe hit report: \n");
        foreach (LoweredHandler handler in program.Handlers)
        {
            (long hits, long nanoseconds) = Of(handler, programs);
            if (hits == 0)
                continue;
            string others = handler.Targets.Count == 1 ? "" : $" and {handler.Targets.Count - 1} more";
            output.Write(string.Create(CultureInfo.InvariantCulture, $"{handler.Targets[0].Point}{others}, hits: {hits}, time: {nanoseconds} ns, {nanoseconds / hits} ns on average\n"));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _statistics?.Dispose();

    private (long Hits, long Nanoseconds) Of(LoweredHandler handler, SessionPrograms? programs)
    {
        if (_own.TryGetValue(handler, out (long Hits, long Ticks) own))
            return (own.Hits, (long)(own.Ticks * (1e9 / Stopwatch.Frequency)));
        for (int i = 0; i < programs?.Handlers.Count; i++)
        {
            if (programs.Handlers[i].Handler == handler)
            {
                ProgramInfo info = programs.Programs[i].GetInfo();
                return ((long)info.RunCount, (long)info.RunTime);
            }
        }

        return default;
    }
}
