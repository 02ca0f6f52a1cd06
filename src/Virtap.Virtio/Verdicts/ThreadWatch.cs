using System.Globalization;
using Virtap.Processes;
using Virtap.Virtio.Devices;

namespace Virtap.Virtio.Verdicts;

/// <summary>The thread that serves a device, watched along with the device.</summary>
/// <param name="Thread">The thread.</param>
/// <param name="Looks">What it did at each look.</param>
/// <param name="Tracer">Who traces it, as in <c>gdb (4711)</c>; null for nobody.</param>
/// <param name="WaitsIn">The function of the kernel in which it slept last; null where it did not, or the kernel does not tell.</param>
public sealed record ThreadWatch(ServingThread Thread, IReadOnlyList<ThreadStatus> Looks, string? Tracer, string? WaitsIn)
{
    /// <summary>Whether it was stopped all the while.</summary>
    public bool IsStopped => Looks.Count > 0 && Looks.All(l => l.IsStopped);

    /// <summary>Whether it sleeps where an event loop sleeps: waiting for a kick, a completion, a timer.</summary>
    private bool IsInEventLoop => WaitsIn is { } function && (function.Contains("poll", StringComparison.Ordinal) || function.Contains("io_cqring_wait", StringComparison.Ordinal));

    /// <summary>What it did, in a sentence; null where nothing is known.</summary>
    public string? Describe()
    {
        if (Looks.Count == 0)
            return null;
        ThreadStatus last = Looks[^1];
        return $"{Thread} " + last.State switch
        {
            'T' => $"is stopped by a signal (state T, {Count(l => l.IsStopped)})",
            't' => $"is stopped by its tracer{(Tracer is null ? "" : ", " + Tracer)} (state t, {Count(l => l.IsStopped)})",
            'D' => $"waits in the kernel and cannot be interrupted (state D, {Count(l => l.State == 'D')}){In}",
            'R' => $"runs, or waits for a CPU (state R, {Count(l => l.State == 'R')}); it has used {CpuSeconds} s of CPU time meanwhile",
            'S' when IsInEventLoop => $"is in its event loop, where it waits for something to happen (state S{In})",
            'S' when WaitsIn?.Contains("futex", StringComparison.Ordinal) == true => $"waits for a lock or for another thread (state S{In})",
            'S' => $"sleeps (state S{In})",
            _ => $"is in state {last.State}",
        };
    }

    private string In => WaitsIn is null ? "" : ", in " + WaitsIn;

    private string CpuSeconds => (Looks[^1].CpuTime - Looks[0].CpuTime).TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture);

    private string Count(Func<ThreadStatus, bool> which) => $"{Looks.Count(which)} of {Looks.Count} looks";
}
