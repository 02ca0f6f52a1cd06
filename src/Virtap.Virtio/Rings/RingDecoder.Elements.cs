using Virtap.Virtio.Findings;

namespace Virtap.Virtio.Rings;

/// <summary>What QEMU's own memory says of the requests in flight.</summary>
internal sealed partial class RingDecoder
{
    /// <summary>
    /// Brings together what the ring shows and the requests that were found in QEMU's memory. They settle what is in flight if they are as
    /// many as the indices say; otherwise the ring's own account stays.
    /// </summary>
    /// <param name="contents">What <see cref="Decode"/> found; nothing has moved since.</param>
    /// <param name="elements">What was found.</param>
    public RingContents Settle(RingContents contents, IReadOnlyList<QueueElement> elements)
    {
        HashSet<int> waiting = [.. _waiting.Select(r => r.Head)];
        var found = new Dictionary<uint, Match>();
        foreach (QueueElement element in elements)
        {
            Match match = MatchOf(element);
            // Of two with one head the one that is like the ring's is of today.
            if ((element.NamesQueue || match.IsAlike) && !waiting.Contains((int)element.Index)
                && (!found.TryGetValue(element.Index, out Match other) || !other.IsAlike))
                found[element.Index] = match;
        }

        if (Count(found.Values) > contents.InFlightCount)
            found = found.Where(f => f.Value.IsAlike).ToDictionary();
        if (Count(found.Values) != contents.InFlightCount)
            return contents;
        IEnumerable<RingRequest> requests = found.Values.OrderByDescending(m => m.Ago).Select(m => m.Request);
        return contents with { InFlight = [.. requests.Select(r => r with { IsCertain = true })], NotShown = 0 };
    }

    // Memory of the guest may say something else today than when QEMU took the request.
    private Match MatchOf(QueueElement element)
    {
        if (before.IsPacked)
        {
            return _inFlight.Find(r => r.Head == element.Index && element.IsMadeOf(r.Descriptors)) is { } shown
                ? new Match(element, shown, IsAlike: true, Ago: _inFlight.Count - _inFlight.IndexOf(shown))
                : new Match(element, FromElement(element, FindingKind.Fact, OwnCopyReason.WrittenOver) with
                {
                    Age = watch.AgeOfTaken(watch.Taken - (_position.InFlight ?? 0) - 1) with { AtMost = null },
                }, IsAlike: false, long.MaxValue);
        }

        int? ago = _lastOffers.TryGetValue((int)element.Index, out int last) ? last : null;
        RingRequest? inRing = _chains is null ? null : RequestTaken((int)element.Index, ago);
        if (inRing is not null && element.IsMadeOf(inRing.Descriptors))
            return new Match(element, inRing, IsAlike: true, ago ?? long.MaxValue);
        RingRequest own = inRing is null
            // It was taken when the last one was, or before.
            ? FromElement(element, FindingKind.Fact, OwnCopyReason.RingNotVisible) with
            {
                Age = watch.AgeOfTaken(watch.Taken - 1) with { AtMost = null },
            }
            : FromElement(element, FindingKind.Broken, OwnCopyReason.Changed) with { OfferedAt = inRing.OfferedAt, Age = inRing.Age };
        return new Match(element, own, IsAlike: false, ago ?? long.MaxValue);
    }

    private RingRequest FromElement(QueueElement element, FindingKind kind, OwnCopyReason why)
    {
        var request = new RingRequest
        {
            Head = (int)element.Index,
            OfferedAt = null,
            Descriptors = element.ToDescriptors(),
            Findings = [new Finding(kind, new OwnCopyShown(why, (int)element.Index))],
        };
        return RequestHead.Add(request, before.DeviceId, _guest);
    }

    private long Count(IEnumerable<Match> matches) => before.IsPacked ? matches.Sum(m => m.Element.RingDescriptors) : matches.Count();

    private readonly record struct Match(QueueElement Element, RingRequest Request, bool IsAlike, long Ago);
}
