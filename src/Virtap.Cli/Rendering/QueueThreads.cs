using System.Text.Json;
using Virtap.Virtio.Devices;

namespace Virtap.Cli.Rendering;

/// <summary>Which threads of QEMU serve a device's queues: one for all, or (iothread-vq-mapping) one for each.</summary>
internal static class QueueThreads
{
    /// <summary>Whether not all of a device's queues are served by one thread.</summary>
    public static bool Differ(VirtioDevice device) => device.IoThreads.Distinct().Skip(1).Any();

    /// <summary>The iothread of all of a device's queues; null for QEMU's main loop, and where there are several.</summary>
    public static string? OfAll(VirtioDevice device) => Differ(device) ? null : device.IoThreads is [var first, ..] ? first : null;

    /// <summary>Who serves a queue, for a person.</summary>
    public static string Of(VirtioDevice device, int queue) => NameOf(device.IoThreads.ElementAtOrDefault(queue));

    /// <summary>All of a device's, as in <c>iothread0, iothread1</c>.</summary>
    public static string Names(VirtioDevice device) =>
        device.IoThreads.Count == 0 ? NameOf(null) : string.Join(", ", device.IoThreads.Distinct().Select(NameOf));

    /// <summary>All of a device's with their queues, as in <c>iothread0: queues 0, 2; iothread1: queue 1</c>.</summary>
    public static string ByName(VirtioDevice device) => !Differ(device) ? Names(device)
        : string.Join("; ", device.IoThreads.Index().GroupBy(t => t.Item, t => t.Index)
            .Select(g => $"{NameOf(g.Key)}: {(g.Skip(1).Any() ? "queues" : "queue")} {string.Join(", ", g)}"));

    /// <summary>Writes a queue's <c>iothread</c> into the object that is open; null for QEMU's main loop.</summary>
    public static void Write(Utf8JsonWriter writer, VirtioDevice device, int? queue) =>
        writer.WriteString("iothread", queue is { } index ? device.IoThreads.ElementAtOrDefault(index) : null);

    private static string NameOf(string? ioThread) => ioThread ?? "main loop";
}
