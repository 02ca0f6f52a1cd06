using Virtap.Virtio.Devices;

namespace Virtap.Virtio.Verdicts;

/// <summary>What is known of a device's surroundings, beside the device itself.</summary>
/// <param name="EventCount">Asks an eventfd of QEMU by its descriptor how often it was signalled and not read; null for one that is
/// none.</param>
/// <param name="Threads">The thread that serves each queue; null where that is not known.</param>
/// <param name="Backend">The process outside of QEMU that serves the device; null for a device that has none.</param>
/// <param name="Run">Whether QEMU runs its guest; null where that is not known.</param>
/// <param name="CpusStoppedBy">When none of the guest's CPUs ran any more, at the latest; null where one runs, or that is not
/// known.</param>
public sealed record HostView(
    Func<int, ulong?> EventCount,
    IReadOnlyList<ThreadWatch?>? Threads = null,
    VhostUserBackend? Backend = null,
    RunState? Run = null,
    DateTimeOffset? CpusStoppedBy = null)
{
    /// <summary>Nothing is known of the surroundings.</summary>
    public static HostView None { get; } = new(_ => null);

    /// <summary>The thread that serves a queue; null where that is not known.</summary>
    public ThreadWatch? ThreadOf(int queue) => Threads?.ElementAtOrDefault(queue);
}
