using Virtap.Virtio.Queues;

namespace Virtap.Virtio.Explanations;

/// <summary>A virtqueue that was read out of text.</summary>
/// <param name="Line">The line it begins on, from 1.</param>
/// <param name="Device">Address of its device (<c>vdev</c>); null where the text does not say.</param>
/// <param name="Queue">Its fields.</param>
public sealed record QueueTextEntry(int Line, ulong? Device, QueueState Queue);
