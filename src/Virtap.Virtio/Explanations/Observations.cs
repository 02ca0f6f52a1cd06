using Virtap.Virtio.Findings;
using static Virtap.Virtio.Findings.Field;

namespace Virtap.Virtio.Explanations;

// What is said of one stop.

/// <summary>The device does not have the queue.</summary>
public sealed record NoSuchQueue() : Observation("noSuchQueue", Qemu("num", 0));

/// <summary>vhost serves the queue.</summary>
/// <param name="LastAvail">How far the backend has taken requests, as it told QEMU.</param>
public sealed record ServedByVhost(ushort LastAvail) : Observation("servedByVhost", Qemu("last_avail_idx", LastAvail));

/// <summary>What is in flight, by the indices.</summary>
/// <param name="Count">How many requests (packed ring: descriptors).</param>
/// <param name="IsPacked">Whether the ring is packed.</param>
/// <param name="LastAvail">How far QEMU has taken.</param>
/// <param name="Used">How far it has given back.</param>
/// <param name="InUse">What QEMU counts itself; null where the text does not say.</param>
public sealed record InFlight(long Count, bool IsPacked, ushort LastAvail, ushort Used, uint? InUse) : Observation("inFlight",
    Own("count", Count), Own("packed", IsPacked), Qemu("last_avail_idx", LastAvail), Qemu("used_idx", Used), Qemu("inuse", InUse));

/// <summary>Requests that QEMU has seen and not taken.</summary>
public sealed record SeenNotTaken(int Count, ushort ShadowAvail, ushort LastAvail)
    : Observation("seenNotTaken", Own("count", Count), Qemu("shadow_avail_idx", ShadowAvail), Qemu("last_avail_idx", LastAvail));

/// <summary>A notification has been considered for every completion.</summary>
public sealed record AllConsidered(ushort Signalled) : Observation("allConsidered", Qemu("signalled_used", Signalled));

/// <summary>Completions for which none has been considered yet.</summary>
public sealed record NotYetConsidered(int Count, ushort Signalled, ushort Used)
    : Observation("notYetConsidered", Own("count", Count), Qemu("signalled_used", Signalled), Qemu("used_idx", Used));

/// <summary>The values of the driver's <c>used_event</c> with which the guest is notified of what is not yet considered.</summary>
public sealed record NotifiedAt(ushort First, ushort Last) : Observation("notifiedAt", Own("first", First), Own("last", Last));

/// <summary><c>signalled_used</c> is further behind than the ring is long: it says nothing.</summary>
public sealed record SignalledUsedStale(int Behind, ushort Signalled, ushort Used)
    : Observation("signalledUsedStale", Own("behind", Behind), Qemu("signalled_used", Signalled), Qemu("used_idx", Used));

/// <summary>The ring is full: its entries are in flight, or completed and not announced.</summary>
public sealed record RingFull(uint Number, uint InUse, int Unannounced)
    : Observation("ringFull", Qemu("num", Number), Qemu("inuse", InUse), Own("unannounced", Unannounced));

/// <summary>The three parts of the ring lie where they can.</summary>
/// <param name="Number">Entries of the ring.</param>
/// <param name="IsPacked">Whether the ring is packed.</param>
/// <param name="Descriptors">Where the descriptors lie, in guest-physical addresses.</param>
/// <param name="DescriptorBytes">How long they are.</param>
/// <param name="Avail">Where the avail ring lies; of a packed ring, the driver's event structure.</param>
/// <param name="AvailBytes">How long that is.</param>
/// <param name="Used">Where the used ring lies; of a packed ring, the device's event structure.</param>
public sealed record PartsFit(
    uint Number, bool IsPacked, ulong Descriptors, ulong DescriptorBytes, ulong Avail, ulong AvailBytes, ulong Used)
    : Observation("partsFit", Qemu("num", Number), Own("packed", IsPacked),
        Qemu("desc", FieldValue.Address(Descriptors)), Own("descriptorBytes", DescriptorBytes),
        Qemu("avail", FieldValue.Address(Avail)), Own("availBytes", AvailBytes), Qemu("used", FieldValue.Address(Used)));

/// <summary>What the text does not tell, or what must not be concluded from it.</summary>
public sealed record Reservation(ReservationKind Kind) : Observation("reservation", Own("kind", Kind.ToString()));

/// <summary>Kinds of reservations.</summary>
public enum ReservationKind
{
    /// <summary>QEMU's copies are not kept up while vhost serves the queue.</summary>
    VhostCopiesAreOld,

    /// <summary>The driver may have made more available than QEMU has seen.</summary>
    OffersAreNotInText,

    /// <summary><c>signalled_used</c> is not valid.</summary>
    SignalledUsedIsInvalid,

    /// <summary>A notification that was considered need not have been sent.</summary>
    ConsideredIsNotSent,

    /// <summary>Indices go round after 65536.</summary>
    IndicesGoRound,
}

// What is said of what happened between two stops.

/// <summary>How far a packed ring came, at least: whole rounds cannot be seen.</summary>
public sealed record PackedProgress(int Taken, int Completed, uint Number)
    : Observation("packedProgress", Own("taken", Taken), Own("completed", Completed), Qemu("num", Number));

/// <summary>How far a split ring came.</summary>
/// <param name="LastAvail">How far QEMU had taken, and has now.</param>
/// <param name="Used">How far it had given back, and has now.</param>
/// <param name="Taken">How many requests it has taken.</param>
/// <param name="Completed">How many it has given back.</param>
public sealed record Progress((ushort Before, ushort After) LastAvail, (ushort Before, ushort After) Used, int Taken, int Completed)
    : Observation("progress",
    Own("taken", Taken), Qemu("last_avail_idx", LastAvail.After), Qemu("last_avail_idx before", LastAvail.Before),
    Own("completed", Completed), Qemu("used_idx", Used.After), Qemu("used_idx before", Used.Before));

/// <summary>What was and is in flight, as QEMU counts it.</summary>
public sealed record InUseChange(uint Before, uint After) : Observation("inUseChange", Qemu("inuse", After), Qemu("inuse before", Before));

/// <summary>What was taken and given back does not make of what was in flight what is.</summary>
public sealed record DoesNotAddUp(uint Before, int Taken, int Completed, uint After) : Observation("doesNotAddUp",
    Qemu("inuse before", Before), Own("taken", Taken), Own("completed", Completed), Own("expected", Expected(Before, Taken, Completed)),
    Qemu("inuse", After))
{
    /// <summary>What ought to be in flight.</summary>
    public static long Expected(uint before, int taken, int completed) => before + taken - completed;
}

/// <summary>For how many completions notifications were decided on.</summary>
public sealed record Considered(int Completions, ushort SignalledBefore, ushort SignalledAfter) : Observation("considered",
    Own("completions", Completions), Qemu("signalled_used", SignalledAfter), Qemu("signalled_used before", SignalledBefore));

/// <summary>The notification that is due is for fewer completions than are in flight behind it.</summary>
public sealed record NotificationDue(int Completions, uint InUse)
    : Observation("notificationDue", Own("completions", Completions), Qemu("inuse", InUse));
