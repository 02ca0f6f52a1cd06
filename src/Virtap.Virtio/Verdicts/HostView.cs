namespace Virtap.Virtio.Verdicts;

/// <summary>What the host's kernel knows of a device's surroundings, beside what stands in QEMU's memory.</summary>
/// <param name="EventCount">Asks an eventfd of QEMU by its descriptor how often it was signalled and not read; null for one that is none.</param>
/// <param name="Thread">The thread that serves the device; null where that is not known.</param>
public sealed record HostView(Func<int, ulong?> EventCount, ThreadWatch? Thread = null)
{
    /// <summary>Nothing is known of the host.</summary>
    public static HostView None { get; } = new(_ => null);
}
