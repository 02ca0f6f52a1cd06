using Virtap.Virtio.Queues;

namespace Virtap.Cli.Rendering;

/// <summary>What to call queues.</summary>
internal static class QueueNames
{
    /// <summary>As in <c>queue 0 (requests)</c>.</summary>
    public static string Of(DeviceState? state, int queue) => state is null ? $"queue {queue}" : $"queue {queue} ({Role(state, queue)})";

    /// <summary>What a queue is for: <c>requests</c>, <c>receive</c>.</summary>
    public static string Role(DeviceState state, int queue) => QueueRole.Of(state.DeviceId, queue, state.Queues.Count).Name;
}
