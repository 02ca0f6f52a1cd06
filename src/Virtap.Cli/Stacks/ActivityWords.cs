using Virtap.Watch.Stacks;

namespace Virtap.Cli.Stacks;

/// <summary>What threads do, in words.</summary>
internal static class ActivityWords
{
    /// <summary>A sentence's end: what the thread is doing.</summary>
    /// <param name="activity">What it is.</param>
    /// <param name="nameOf">The name of another thread.</param>
    /// <param name="isPaused">Whether the machine is paused; null where that is not known.</param>
    public static string Of(ThreadActivity activity, Func<int, string?> nameOf, bool? isPaused)
    {
        string function = activity.Function is { } name ? $" ({name})" : "";
        return activity.Kind switch
        {
            ActivityKind.Running => $"runs{(activity.Function is null ? "" : $" in {activity.Function}")}",
            ActivityKind.MainLoopWaiting => $"the main loop, waiting for events{function}",
            ActivityKind.IoWaiting => $"waits for events of its I/O{function}",
            ActivityKind.SubmittingIo => $"hands I/O to the kernel{function}",
            ActivityKind.Draining => $"waits until the requests of a block device have ended{function}",
            ActivityKind.GuestByKvm => "runs the guest (KVM)",
            ActivityKind.GuestByTranslation => "runs the guest, translated (TCG)",
            ActivityKind.CpuIdle => "a virtual CPU with nothing to do: " + isPaused switch
            {
                null => "halted by the guest, or paused",
                true => "the machine is paused",
                false => "halted by the guest until an interrupt comes",
            },
            ActivityKind.WaitingForBigLock => "waits for QEMU's big lock" + Holder(activity, nameOf),
            ActivityKind.WaitingForLock => $"waits for a lock{function}" + Holder(activity, nameOf),
            ActivityKind.WaitingForReaders => "waits for RCU readers to end",
            ActivityKind.WorkerIdle => "waits for work",
            ActivityKind.WaitingForSignal => $"waits to be told to go on{function}",
            ActivityKind.WaitingForFiles => $"waits for events of files{function}",
            ActivityKind.Sleeping => $"sleeps{function}",
            ActivityKind.Migrating => $"migrates the machine{function}",
            _ => activity.Function is null ? "nothing is known of what it does" : $"is in {activity.Function}",
        };
    }

    private static string Holder(ThreadActivity activity, Func<int, string?> nameOf) => activity.LockHolder is { } holder
        ? Rendering.Figures.Invariant($", which thread {holder}{(nameOf(holder) is { Length: > 0 } name ? $" {name}" : "")} holds") : "";
}
