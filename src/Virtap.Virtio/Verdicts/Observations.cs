using Virtap.Virtio.Devices;
using Virtap.Virtio.Features;
using Virtap.Virtio.Findings;
using static Virtap.Virtio.Findings.Field;

namespace Virtap.Virtio.Verdicts;

// What is seen of devices and machines.

/// <summary>A flag of QEMU's <c>struct VirtIODevice</c>.</summary>
/// <param name="Flag">Its name: <c>broken</c>.</param>
/// <param name="IsSet">Whether it is set.</param>
public sealed record DeviceFlag(string Flag, bool IsSet) : Observation("deviceFlag", Qemu(Flag, IsSet));

/// <summary>How far the driver has come.</summary>
/// <param name="Status">The device status.</param>
/// <param name="Lacking">What it lacks of what a driven device has; none where that is not the matter.</param>
public sealed record StatusSeen(DeviceStatus Status, DeviceStatus Lacking = DeviceStatus.None)
    : Observation("status", Qemu("status", Status.ToString()), Own("lacking", Lacking == DeviceStatus.None ? null : Lacking.ToString()));

/// <summary>QEMU does not run its guest.</summary>
/// <param name="RunState">Its run state, as qapi/run-state.json names it; null where only the device was told.</param>
public sealed record NotRunning(string? RunState)
    : Observation("notRunning", RunState is null ? Qemu("vm_running", false) : Qemu("runState", RunState));

/// <summary>QEMU holds requests that it has taken until the machine goes on.</summary>
public sealed record HeldRequests(int? Queue, uint InUse) : Observation("heldRequests", Qemu("queue", Queue), Qemu("inuse", InUse));

/// <summary>QEMU's socket to the process that serves a device, which nobody is connected to.</summary>
public sealed record BackendSocket(VhostUserBackend Backend)
    : Observation("backendSocket", Qemu("chardev", Backend.Chardev), Qemu("filename", Backend.Name), Own("awaited", Backend.IsAwaited));

/// <summary>Whether anybody listens on the path of a socket.</summary>
public sealed record SocketListens(string Path, bool IsListening)
    : Observation("socketListens", Qemu("path", Path), Host("listening", IsListening));

/// <summary>Requests that wait in a ring for a process that is not there.</summary>
public sealed record RequestsWaiting(int Queue, ushort Avail, ushort Used, int Count)
    : Observation("requestsWaiting", Qemu("queue", Queue), Guest("avail.idx", Avail), Guest("used.idx", Used), Own("waiting", Count));

// What is seen of queues.

/// <summary>Fields that were the same in every look.</summary>
/// <param name="Values">They; none where all fields of the queue were.</param>
/// <param name="Looks">For how long.</param>
public sealed record Unchanged(IReadOnlyList<Field> Values, Looks Looks) : Observation("unchanged", [.. Values, .. Looks.Fields]);

/// <summary>The descriptor of a packed ring that QEMU takes next is available, and was in every look.</summary>
public sealed record DescriptorAvailable(ushort Index, Looks Looks)
    : Observation("descriptorAvailable", [Qemu("last_avail_idx", Index), .. Looks.Fields]);

/// <summary>For how long something was watched, and how often it was looked at.</summary>
public readonly record struct Looks(TimeSpan Duration, int Count)
{
    internal Field[] Fields => [Own("duration", Duration), Own("looks", Count)];
}

/// <summary>There was one moment only to look at: a thread may have been between two stores.</summary>
public sealed record SingleMoment() : Observation("singleMoment");

/// <summary>Requests were in flight in every look, and none came back.</summary>
/// <param name="InUseBefore">How many at first.</param>
/// <param name="InUseAfter">How many at last.</param>
/// <param name="Used">How far QEMU had given back, all the while.</param>
/// <param name="Looks">How often it was looked at.</param>
public sealed record NoneCompleted(uint InUseBefore, uint InUseAfter, ushort Used, int Looks) : Observation("noneCompleted",
    Qemu("inuse", InUseAfter), Qemu("inuseBefore", InUseBefore), Qemu("used_idx", Used), Own("looks", Looks));

/// <summary>The kicks that wait in a queue's eventfd.</summary>
public sealed record UnreadKicks(int Descriptor, ulong Count)
    : Observation("unreadKicks", Qemu("descriptor", Descriptor), Host("eventfd-count", Count));

/// <summary>What is left in the eventfd by which interrupts are sent.</summary>
public sealed record UnreadInterrupts(int Descriptor, ulong Count)
    : Observation("unreadInterrupts", Qemu("descriptor", Descriptor), Host("eventfd-count", Count));

/// <summary>When the device wants to be kicked.</summary>
/// <param name="IsPacked">Whether the ring is packed.</param>
/// <param name="Flags">Split ring: <c>used.flags</c>. Packed ring: the flags of the device's event structure.</param>
/// <param name="Event">Where it wants the kick: a split ring's <c>avail_event</c>, a packed ring's descriptor. Null where the flags say
/// always or never.</param>
/// <param name="IsDue">Whether the driver had to kick for what waits now.</param>
public sealed record KickWish(bool IsPacked, ushort Flags, int? Event, bool IsDue)
    : Observation("kickWish", Guest("flags", Flags), Guest(IsPacked ? "descriptor" : "avail_event", Event), Own("due", IsDue));

/// <summary>The driver asked for no notification, in every look.</summary>
public sealed record NotificationsUnwanted(bool IsPacked)
    : Observation("notificationsUnwanted", Guest(IsPacked ? "event flags" : "avail.flags", 1));

// What verdicts say in numbers.

/// <summary>Requests that nobody takes.</summary>
/// <param name="Waiting">How many wait in the ring; of a packed ring, 1 for some. Null where that cannot be seen.</param>
/// <param name="Taken">How many QEMU has taken and not given back.</param>
/// <param name="IsPacked">Whether the ring is packed, and descriptors are counted.</param>
/// <param name="IsThreadStopped">Whether the thread that serves the queue is stopped.</param>
public sealed record Backlog(int? Waiting, uint Taken, bool IsPacked, bool IsThreadStopped = false)
    : Observation("backlog",
        Own("waiting", Waiting), Qemu("inuse", Taken), Own("packed", IsPacked), Own("threadStopped", IsThreadStopped));

/// <summary>Requests that do not come back.</summary>
/// <param name="Count">How many.</param>
/// <param name="IsFull">Whether they fill the ring.</param>
/// <param name="IsPacked">Whether the ring is packed, and descriptors are counted.</param>
/// <param name="IsVhost">Whether vhost has them; otherwise QEMU.</param>
/// <param name="Duration">For how long none has come back.</param>
public sealed record Stall(uint Count, bool IsFull, bool IsPacked, bool IsVhost, TimeSpan Duration)
    : Observation("stall",
        Own("count", Count), Own("full", IsFull), Own("packed", IsPacked), Own("vhost", IsVhost), Own("duration", Duration));

/// <summary>Completions that the driver has not taken notice of.</summary>
public sealed record Unnoticed(int Completions) : Observation("unnoticed", Own("completions", Completions));

/// <summary>What there was at the one moment that is known.</summary>
/// <param name="InFlight">What QEMU worked on; 0 where vhost serves the queue.</param>
/// <param name="Waiting">What waited; of a packed ring, 1 for some. With vhost: what was offered and not given back. Null where the ring
/// is not there.</param>
/// <param name="IsPacked">Whether the ring is packed, and descriptors are counted.</param>
/// <param name="IsVhost">Whether vhost serves the queue.</param>
public sealed record InOneMoment(uint InFlight, int? Waiting, bool IsPacked, bool IsVhost) : Observation("inOneMoment",
    Qemu("inuse", InFlight), Own("waiting", Waiting), Own("packed", IsPacked), Own("vhost", IsVhost));

/// <summary>Buffers of which the driver gave many in advance.</summary>
/// <param name="Role">What the queue is for.</param>
/// <param name="IsStill">Whether the queue was seen to stand still; a moment does not tell.</param>
public sealed record BuffersInAdvance(string Role, bool IsStill)
    : Observation("buffersInAdvance", Own("role", Role), Own("still", IsStill));

/// <summary>The device is not at work: why is another verdict.</summary>
/// <param name="IsJudged">Whether the queue could be judged all the same.</param>
public sealed record DeviceAtRest(bool IsJudged) : Observation("deviceAtRest", Own("judged", IsJudged));
