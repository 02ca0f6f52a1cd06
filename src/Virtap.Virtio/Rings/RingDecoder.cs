using Virtap.Processes.Memory;
using Virtap.Virtio.Features;
using Virtap.Virtio.Findings;
using Virtap.Virtio.Guests;
using Virtap.Virtio.Queues;

namespace Virtap.Virtio.Rings;

/// <summary>Takes a ring apart, once.</summary>
/// <param name="memory">QEMU's memory.</param>
/// <param name="before">The device before the ring was read.</param>
/// <param name="queue">The queue's number.</param>
/// <param name="watch">What was seen of its indices so far; <paramref name="before"/> is its last look.</param>
internal sealed partial class RingDecoder(TargetMemory memory, DeviceState before, int queue, IndexWatch watch)
{
    private readonly QueueState _queue = before.Queues[queue];
    private readonly RingPosition _position = RingPosition.Of(before, queue);
    private readonly List<Finding> _findings = [];
    private readonly List<RingRequest> _inFlight = [];
    private readonly List<RingRequest> _waiting = [];

    // How many offers ago each head was offered last, as far as the ring remembers.
    private readonly Dictionary<int, int> _lastOffers = [];
    private int _remembered;

    // Each chain is followed once.
    private readonly Dictionary<int, RingRequest> _requests = [];
    private GuestMemory? _guest;
    private ChainReader? _chains;

    /// <summary>The memory of the guest that a ring belongs to; null where it cannot be found.</summary>
    public static GuestMemory? GuestOf(TargetMemory memory, QueueState queue) =>
        queue is { Guest: { } ring, Descriptors: { } descriptors, Avail: { } avail, Used: { } used }
        ? GuestMemory.Find(memory, ring.FlatView, (descriptors, ring.Descriptors), (avail, ring.Avail), (used, ring.Used)) : null;

    /// <summary>Whether a queue has not moved between two states.</summary>
    public static bool IsSame(DeviceState one, DeviceState other, int queue) => queue < other.Queues.Count
        && RingPosition.Of(one, queue) == RingPosition.Of(other, queue)
        && one.Queues[queue].Guest?.NextIsAvailable == other.Queues[queue].Guest?.NextIsAvailable;

    /// <summary>Takes it apart.</summary>
    /// <param name="look">Reads the device again; null when it is gone.</param>
    public RingContents? Decode(Func<DeviceState?> look)
    {
        if (!_queue.IsSetUp)
            Say(FindingKind.Caution, new QueueNotSetUp());
        else if (_queue.Guest is not { } ring || RingTables.Read(memory, ring, Geometry) is not { } tables)
        {
            Say(FindingKind.Caution, new RingHidden(WhyHidden));
        }
        else
        {
            _guest = GuestOf(memory, _queue);
            _chains = new ChainReader(
                tables.Descriptors, before.IsPacked, VirtioFeature.Has(before.GuestFeatures, VirtioFeature.IndirectDescriptors), _guest);
            if (before.IsPacked)
                DecodePacked();
            else if (look() is { } meanwhile)
                DecodeSplit(tables, meanwhile);
            if (_guest is null)
                Say(FindingKind.Caution, new GuestMemoryNotFound());
        }

        if (look() is not { } after)
            return null;
        bool isStill = IsSame(before, after, queue);
        if (!isStill)
            Withdraw(after);
        else if (before.VhostStarted != true)
            _findings.AddRange(QueueInvariants.Check(_queue, before.IsPacked).Select(c => new Finding(FindingKind.Broken, c)));
        int shown = before.IsPacked ? _inFlight.Sum(r => r.Descriptors.Count(d => !d.IsInTable)) : _inFlight.Count;
        return new RingContents
        {
            Device = before,
            QueueIndex = queue,
            Watched = watch.Duration,
            Looks = watch.Count,
            IsStill = isStill,
            InFlight = _inFlight,
            Waiting = _waiting,
            InFlightCount = _position.InFlight,
            NotShown = Math.Max(0, (_position.InFlight ?? 0) - shown),
            Findings = _findings,
        };
    }

    // Addresses behind an IOMMU of the guest only that IOMMU knows.
    private HiddenReason WhyHidden => !before.IsLive ? HiddenReason.NotInCore
        : VirtioFeature.Has(before.GuestFeatures, VirtioFeature.AccessPlatform) ? HiddenReason.BehindIommu : HiddenReason.Unknown;

    private RingGeometry Geometry => new(_queue.Number, before.IsPacked, before.HasEventIndex);

    private void DecodeSplit(RingTables tables, DeviceState meanwhile)
    {
        if (_position.InFlight is not { } inFlight)
            return;
        uint number = _queue.Number;
        bool isVhost = before.VhostStarted == true;
        ushort offered = _queue.Guest!.AvailIndex!.Value, taken = isVhost ? offered : _queue.LastAvailIndex;
        ushort returned = isVhost ? _queue.Guest.UsedIndex!.Value : _queue.UsedIndex;
        // What was offered and returned since may have been written over the oldest.
        int offers, returns;
        if (tables.IsFirstRound(offered, returned, number))
            (offers, returns) = (taken, returned);
        else
        {
            offers = (int)number - Math.Min((int)number, RingIndex.Distance(taken, meanwhile.Queues[queue].Guest?.AvailIndex ?? offered));
            returns = (int)number - Math.Min(
                (int)number, RingIndex.Distance(returned, meanwhile.Queues[queue].Guest?.UsedIndex ?? returned));
        }

        ushort[] heads = [.. Enumerable.Range(0, offers).Select(n => tables.Offer((ushort)(taken - offers + n), number))];
        uint[] back = [.. Enumerable.Range(0, returns).Select(n => tables.Return((ushort)(returned - returns + n), number))];
        _remembered = offers;
        for (int n = 0; n < offers; n++)
            _lastOffers[heads[n]] = offers - n;
        foreach (var (head, offer) in SplitHistory.Find((int)number, heads, back, inFlight))
            _inFlight.Add(RequestTaken(head, offers - offer));

        // More cannot be; of those that were offered long ago the return may have been written over.
        _inFlight.RemoveRange(0, Math.Max(0, _inFlight.Count - inFlight));

        for (int n = 0; n < _position.Waiting; n++)
            _waiting.Add(
                Request(
                    tables.Offer((ushort)(taken + n), number), (ushort)(taken + n)) with { IsCertain = true,
                    Age = watch.AgeOfOffered(watch.Taken + n) });
    }

    /// <summary>A request that has been taken.</summary>
    /// <param name="head">Its head.</param>
    /// <param name="ago">How many offers ago it was offered; null for longer than the ring remembers.</param>
    private RingRequest RequestTaken(int head, int? ago)
    {
        if (ago is { } offers)
            return Request(head, (ushort)(_position.Taken - offers)) with { Age = watch.AgeOfTaken(watch.Taken - offers) };
        return Request(head, null) with { Age = watch.AgeOfTaken(watch.Taken - _remembered - 1) with { AtMost = null } };
    }

    private void DecodePacked()
    {
        if (_queue is not { UsedWrap: { } usedWrap, LastAvailWrap: { } takenWrap } || before.VhostStarted == true)
        {
            Say(FindingKind.Caution, new PackedProgressUnknown());
            return;
        }

        if (_position.InFlight is not { } inFlight || _queue.UsedIndex >= _queue.Number || _queue.LastAvailIndex >= _queue.Number)
            return;
        long ago = inFlight;
        foreach (RingRequest request in Walk(_queue.UsedIndex, usedWrap, inFlight, isTaken: true))
        {
            _inFlight.Add(request with { Age = watch.AgeOfTaken(watch.Taken - ago) });
            ago -= request.Descriptors.Count(d => !d.IsInTable);
        }

        foreach (RingRequest request in Walk(_queue.LastAvailIndex, takenWrap, (int)_queue.Number - inFlight, isTaken: false))
            _waiting.Add(request with { IsCertain = true });
    }

    // Requests that stand one behind the other.
    private IEnumerable<RingRequest> Walk(int at, bool wrap, int limit, bool isTaken)
    {
        int number = (int)_queue.Number;
        while (limit > 0)
        {
            if (!IsOffered(_chains![at].Flags, wrap))
            {
                if (isTaken)
                    Say(FindingKind.Broken, new TakenNotOffered(at));
                yield break;
            }

            RingRequest request = Request(at, at);
            int length = request.Descriptors.Count(d => !d.IsInTable);
            if (length > limit)
            {
                Say(FindingKind.Broken, new TooManyDescriptors(at, length, limit, isTaken));
                yield break;
            }

            yield return request with { Head = _chains.BufferId((at + length - 1) % number) };
            limit -= length;
            at += length;
            if (at >= number)
                (at, wrap) = (at - number, !wrap);
        }
    }

    private static bool IsOffered(DescriptorFlags flags, bool wrap) =>
        flags.HasFlag(DescriptorFlags.Avail) == wrap && flags.HasFlag(DescriptorFlags.Used) != wrap;

    private RingRequest Request(int head, int? offeredAt)
    {
        if (!_requests.TryGetValue(head, out RingRequest? request))
        {
            var findings = new List<Finding>();
            List<RingDescriptor> descriptors = _chains!.Read(head, findings);
            request = RequestHead.Add(
                new RingRequest { Head = head, OfferedAt = null, Descriptors = descriptors, Findings = findings }, before.DeviceId,
                _guest);
            _requests[head] = request;
        }

        return request with { OfferedAt = offeredAt };
    }

    // What came back while it was read was perhaps read wrong; what is still there was there all the while.
    private void Withdraw(DeviceState after)
    {
        _waiting.Clear();
        if (before.IsPacked || _queue.Guest is not { } ring || RingTables.Read(memory, ring, Geometry) is not { } tables
            || after.Queues[queue].Guest?.UsedIndex is not { } now)
        {
            _inFlight.Clear();
            return;
        }

        ushort returned = before.VhostStarted == true ? ring.UsedIndex!.Value : _queue.UsedIndex;
        int returns = RingIndex.Distance(returned, now);
        if (returns >= _queue.Number)
        {
            _inFlight.Clear();
            return;
        }

        HashSet<uint> back = [.. Enumerable.Range(0, returns).Select(n => tables.Return((ushort)(returned + n), _queue.Number))];
        _inFlight.RemoveAll(r => back.Contains((uint)r.Head));
    }

    private void Say(FindingKind kind, Observation what) => _findings.Add(new Finding(kind, what));
}
