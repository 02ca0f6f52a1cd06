namespace Virtap.Virtio.Queues;

/// <summary>
/// When one side of a ring wants to hear from the other. Split ring: a flag, and with <c>event_idx</c> the index after which; packed ring: an event structure (virtio 1.2, 2.8.10).
/// </summary>
/// <param name="Flags">Split: bit 0 asks not to be disturbed (a hint only). Packed: 0 always, 1 never, 2 at <paramref name="Event"/>.</param>
/// <param name="Event">Split: <c>used_event</c> or <c>avail_event</c>, null without <c>event_idx</c>. Packed: offset in bits 0-14, wrap counter in bit 15.</param>
public readonly record struct RingEvent(ushort Flags, ushort? Event);
