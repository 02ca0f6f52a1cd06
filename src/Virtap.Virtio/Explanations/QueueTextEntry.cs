using Virtap.Virtio.Queues;

namespace Virtap.Virtio.Explanations;

/// <summary>What a text says of virtqueues.</summary>
/// <param name="Entries">Those that are there whole, in the text's order.</param>
/// <param name="Unread">Those that are not, and fields that stand in prose.</param>
public sealed record QueueTexts(IReadOnlyList<QueueTextEntry> Entries, IReadOnlyList<UnreadQueue> Unread);

/// <summary>A virtqueue that was read out of text.</summary>
/// <param name="Line">The line it begins on, from 1.</param>
/// <param name="Device">Address of its device (<c>vdev</c>); null where the text does not say.</param>
/// <param name="Queue">Its fields.</param>
/// <param name="IsVhost">
/// Whether vhost serves it: QMP and HMP then leave out <c>shadow_avail_idx</c>, ask the backend for <c>last_avail_idx</c>, and give QEMU's
/// own copies of the rest, which are not live (qmp_x_query_virtio_queue_status in QEMU's hw/virtio/virtio-qmp.c, 7.2).
/// </param>
public sealed record QueueTextEntry(int Line, ulong? Device, QueueState Queue, bool IsVhost = false);

/// <summary>Fields of a virtqueue that do not make one.</summary>
/// <param name="Line">The line they begin on, from 1.</param>
/// <param name="Fields">Those that are there.</param>
/// <param name="Missing">Those without which nothing can be said; empty where one is no number.</param>
/// <param name="NotANumber">The field that is no number, and what it is; null where all are.</param>
public sealed record UnreadQueue(
    int Line, IReadOnlyList<string> Fields, IReadOnlyList<string> Missing, (string Field, string Value)? NotANumber);
