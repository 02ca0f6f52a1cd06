namespace Virtap.Virtio.Rings;

/// <summary>A request that QEMU works on, as it keeps it in its own memory (<c>VirtQueueElement</c>).</summary>
/// <param name="Address">Where it lies.</param>
/// <param name="Index">Split ring: its head; packed ring: its buffer id.</param>
/// <param name="RingDescriptors">How many descriptors of a packed ring it takes; 1 for a split ring.</param>
/// <param name="NamesQueue">Whether what it is part of (a <c>VirtIOBlockReq</c>, a <c>VirtIOSCSIReq</c>) names the queue that was searched
/// for.</param>
/// <param name="Pieces">Its pieces: those that the device reads, then those it writes. QEMU cuts a piece in two where it lies in two
/// blocks of RAM.</param>
internal sealed record QueueElement(ulong Address, uint Index, uint RingDescriptors, bool NamesQueue, IReadOnlyList<ElementPiece> Pieces)
{
    /// <summary>Its pieces as descriptors, for where those of the ring are not there any more.</summary>
    public IReadOnlyList<RingDescriptor> ToDescriptors() =>
        [.. Pieces.Select(
            (p, n) =>
            new RingDescriptor(
                n, IsInTable: true, p.Address, (uint)p.Length, p.IsWritten ? DescriptorFlags.Write : DescriptorFlags.None))];

    /// <summary>Whether it was made of these descriptors.</summary>
    public bool IsMadeOf(IReadOnlyList<RingDescriptor> descriptors)
    {
        int piece = 0;
        foreach (bool written in (ReadOnlySpan<bool>)[false, true])
        {
            foreach (RingDescriptor descriptor in descriptors)
            {
                if (descriptor.IsTable || descriptor.IsWritten != written)
                    continue;
                ulong at = descriptor.Address, left = descriptor.Length;
                do
                {
                    if (piece == Pieces.Count || Pieces[piece] is var one
                        && (one.IsWritten != written || one.Address != at || one.Length > left))
                        return false;
                    at += Pieces[piece].Length;
                    left -= Pieces[piece++].Length;
                }
                while (left > 0);
            }
        }

        return piece == Pieces.Count;
    }
}

/// <summary>A piece of a request that QEMU has mapped.</summary>
/// <param name="Address">Guest-physical address.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="IsWritten">Whether the device writes there.</param>
internal readonly record struct ElementPiece(ulong Address, ulong Length, bool IsWritten);
