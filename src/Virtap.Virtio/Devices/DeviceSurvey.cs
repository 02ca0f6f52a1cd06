using Virtap.Virtio.Objects;

namespace Virtap.Virtio.Devices;

/// <summary>The virtio devices of a QEMU, and what could not be looked at.</summary>
/// <param name="Devices">Those that were found, in the order of QEMU's object tree.</param>
/// <param name="Unread">Those that the object tree names, and whose structures are not there or are overwritten.</param>
/// <param name="IsTreeWhole">
/// Whether all of the object tree was seen. Where it was not, there may be devices of which nothing is known.
/// </param>
public sealed record DeviceSurvey(IReadOnlyList<VirtioDevice> Devices, IReadOnlyList<UnreadDevice> Unread, bool IsTreeWhole)
{
    /// <summary>Whether every device that it has was looked at.</summary>
    public bool IsComplete => Unread.Count == 0 && IsTreeWhole;
}

/// <summary>A virtio device that QEMU's object tree names and that cannot be looked at.</summary>
/// <param name="ProcessId">The QEMU.</param>
/// <param name="Name">What it would be called: its <c>id=</c>, or the last part of its path.</param>
/// <param name="Type">Its type, such as <c>virtio-blk-device</c>.</param>
/// <param name="QomPath">Its path in the object tree.</param>
public sealed record UnreadDevice(int ProcessId, string Name, string Type, string QomPath)
{
    /// <summary>The device that an object is.</summary>
    internal static UnreadDevice Of(int processId, string name, string type, QomObject parent) => new(
        processId, name == DeviceFinder.NameOfBackend ? parent.Name : name, type, new QomObject(0, type, name, parent).Path);
}
