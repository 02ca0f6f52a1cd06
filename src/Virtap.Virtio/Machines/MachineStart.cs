using Virtap.Processes;

namespace Virtap.Virtio.Machines;

/// <summary>
/// A QEMU that has not come to the end of its start. It makes its devices one after the other in its main thread, which reads of a disk
/// before it makes it: one that does not answer keeps it there, and no guest runs and no monitor answers.
/// </summary>
/// <param name="MainThread">What that thread does; null in a core.</param>
/// <param name="Missing">The devices that it is making, or has still to make, as far as it has begun.</param>
public sealed record MachineStart(ThreadStatus? MainThread, IReadOnlyList<MissingDevice> Missing);

/// <summary>A virtio device that is not there yet.</summary>
/// <param name="Name">Its id, or its name in QEMU's object model.</param>
/// <param name="Type">Its type there, such as <c>virtio-blk-device</c>.</param>
/// <param name="Backend">The block node or the netdev behind it; null where there is none, or none is known.</param>
public sealed record MissingDevice(string Name, string Type, string? Backend);
