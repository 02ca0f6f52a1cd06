namespace Virtap.Virtio.Queues;

/// <summary>What a queue is for.</summary>
/// <param name="Name">Its name in the virtio specification: <c>requests</c>, <c>receive</c>, <c>control</c>.</param>
/// <param name="IsAnsweredPromptly">
/// Whether the device is to take and complete what it is given as soon as it can. Of the others the driver fills buffers in advance, and
/// they wait there until something happens: a packet, a key.
/// </param>
public sealed record QueueRole(string Name, bool IsAnsweredPromptly)
{
    private static readonly QueueRole s_unknown = new("queue", false);

    /// <summary>The role of a queue (virtio 1.2, section 5).</summary>
    /// <param name="deviceId">The virtio device type; null where it is not known.</param>
    /// <param name="index">The queue's number.</param>
    /// <param name="count">How many queues the device has.</param>
    public static QueueRole Of(int? deviceId, int index, int count) => deviceId switch
    {
        1 when index == count - 1 && count % 2 == 1 => new("control", true),
        1 => index % 2 == 0 ? new("receive", false) : new("transmit", true),
        2 => new("requests", true),
        // Ports have two queues each; the second pair controls all of them.
        3 =>
            index switch { 2 => new("control receive", false), 3 => new("control transmit", true), _ => index % 2 == 0
                ? new("receive", false) : new("transmit", true) },
        // Entropy comes as fast as its source gives it.
        4 => new("requests", false),
        5 =>
            index switch { 0 => new("inflate", true), 1 => new("deflate", true), 2 => new("statistics", false),
                _ => new("free pages", false) },
        8 => index switch { 0 => new("control", true), 1 => new("events", false), _ => new("requests", true) },
        9 => new("requests", true),
        16 => index == 0 ? new("control", true) : new("cursor", true),
        18 => index == 0 ? new("events", false) : new("status", true),
        19 => index switch { 0 => new("receive", false), 1 => new("transmit", true), _ => new("events", false) },
        20 => index == count - 1 ? new("control", true) : new("requests", true),
        23 => index == 0 ? new("requests", true) : new("events", false),
        24 => new("requests", true),
        26 => index == 0 ? new("high priority", true) : new("requests", true),
        27 => new("requests", true),
        _ => s_unknown,
    };
}
