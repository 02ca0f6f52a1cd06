using Virtap.Virtio.Findings;
using Virtap.Virtio.Guests;

namespace Virtap.Virtio.Rings;

/// <summary>Reads what requests begin with, which says what they ask for.</summary>
internal static class RequestHead
{
    // VIRTIO_ID_BLOCK.
    private const int Block = 2;

    /// <summary>Adds to a request what its head says, where Virtap knows the device's requests.</summary>
    public static RingRequest Add(RingRequest request, int? deviceId, GuestMemory? guest)
    {
        if (deviceId != Block || guest is null || request.ReadLength < BlockRequest.HeadSize)
            return request;
        Span<byte> head = stackalloc byte[BlockRequest.HeadSize];
        int done = 0;
        // The head may be spread over several descriptors.
        foreach (RingDescriptor descriptor in request.Descriptors)
        {
            if (descriptor.IsTable || descriptor.IsWritten || done == head.Length)
                continue;
            int length = (int)Math.Min(descriptor.Length, (uint)(head.Length - done));
            if (guest.Read(descriptor.Address, head.Slice(done, length)) != length)
                return request with { Findings = [
                    .. request.Findings, new Finding(FindingKind.Caution, new HeadUnreadable(descriptor.Address))] };
            done += length;
        }

        return request with { Block = BlockRequest.Parse(head, request.ReadLength, request.WrittenLength) };
    }
}
