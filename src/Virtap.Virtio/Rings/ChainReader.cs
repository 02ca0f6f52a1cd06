using System.Buffers.Binary;
using Virtap.Virtio.Findings;
using Virtap.Virtio.Guests;

namespace Virtap.Virtio.Rings;

/// <summary>
/// Follows the descriptors of requests through a ring and indirect tables. A driver, or whoever writes to the guest's memory, may have put
/// anything there: a chain ends at the first thing that QEMU would not accept (virtqueue_split_pop, virtqueue_packed_pop), and the finding
/// says what it is.
/// </summary>
internal sealed class ChainReader
{
    /// <summary>Bytes of a descriptor.</summary>
    public const int DescriptorSize = 16;

    // VIRTQUEUE_MAX_SIZE: QEMU takes no longer request.
    private const int MaximumLength = 1024;

    // For all requests of a ring: far above what a healthy one holds.
    private const int MaximumTotal = 1 << 18;

    private readonly byte[] _ring;
    private readonly int _number;
    private readonly bool _isPacked;
    private readonly bool _hasIndirect;
    private readonly GuestMemory? _guest;
    private int _total;

    /// <summary>Creates a reader.</summary>
    /// <param name="ring">The ring's descriptors.</param>
    /// <param name="isPacked">Whether the ring is packed.</param>
    /// <param name="hasIndirect">Whether the driver has negotiated indirect descriptors.</param>
    /// <param name="guest">Guest memory; null where it cannot be read.</param>
    public ChainReader(byte[] ring, bool isPacked, bool hasIndirect, GuestMemory? guest)
    {
        _ring = ring;
        _number = ring.Length / DescriptorSize;
        _isPacked = isPacked;
        _hasIndirect = hasIndirect;
        _guest = guest;
    }

    /// <summary>Follows a chain.</summary>
    /// <param name="first">Place of its first descriptor in the ring.</param>
    /// <param name="findings">What is wrong with it, or could not be read.</param>
    public List<RingDescriptor> Read(int first, List<Finding> findings)
    {
        var descriptors = new List<RingDescriptor>();
        if (first >= _number)
        {
            Broken(findings, new NoSuchDescriptor(first, _number));
            return descriptors;
        }

        int at = first, length = 0;
        while (true)
        {
            if (++length > _number)
            {
                Broken(findings, new EndlessChain(new DescriptorIndex(at, null), _number));
                break;
            }

            RingDescriptor descriptor = At(_ring, at, isInTable: false);
            if (!Add(descriptors, descriptor, findings))
                break;
            bool goesOn = descriptor.Flags.HasFlag(DescriptorFlags.Next);
            if (descriptor.IsTable)
            {
                ReadTable(descriptors, descriptor, findings);
                if (goesOn)
                    Broken(findings, new TableWithNext(at));
                break;
            }

            if (!goesOn)
                break;
            int next = _isPacked ? (at + 1) % _number : Next(_ring, at);
            if (next >= _number)
            {
                Broken(findings, new NoSuchNext(new DescriptorIndex(at, null), next, (uint)_number));
                break;
            }

            at = next;
        }

        CheckOrder(descriptors, findings);
        CheckAddresses(descriptors, findings);
        return descriptors;
    }

    /// <summary>A descriptor of the ring.</summary>
    public RingDescriptor this[int index] => At(_ring, index, isInTable: false);

    /// <summary>The buffer id that a descriptor of a packed ring carries.</summary>
    public int BufferId(int index) => BinaryPrimitives.ReadUInt16LittleEndian(_ring.AsSpan(index * DescriptorSize + 12));

    private void ReadTable(List<RingDescriptor> descriptors, RingDescriptor pointer, List<Finding> findings)
    {
        if (!_hasIndirect)
            Broken(findings, new TableNotNegotiated(pointer.Index));
        if (pointer.Length == 0 || pointer.Length % DescriptorSize != 0)
        {
            Broken(findings, new OddTableLength(pointer.Index, pointer.Length));
            return;
        }

        uint wanted = pointer.Length / DescriptorSize;
        if (wanted > MaximumLength)
            Broken(findings, new TableTooLong(pointer.Index, wanted, MaximumLength));
        byte[] table = new byte[Math.Min(wanted, MaximumLength) * DescriptorSize];
        int read = _guest?.Read(pointer.Address, table) ?? 0;
        if (read < table.Length)
        {
            Caution(findings, new TableUnreadable(pointer.Address, Why(pointer.Address)));
            table = table[..(read / DescriptorSize * DescriptorSize)];
        }

        int count = table.Length / DescriptorSize, at = 0;
        for (int length = 0; length < count; length++)
        {
            RingDescriptor descriptor = At(table, at, isInTable: true);
            if (!Add(descriptors, descriptor, findings))
                return;
            if (descriptor.IsTable)
            {
                Broken(findings, new TableInTable(new DescriptorIndex(at, pointer.Index)));
                return;
            }

            // In a packed ring a table has no chain: all of it is the request.
            if (_isPacked)
            {
                at++;
                continue;
            }

            if (!descriptor.Flags.HasFlag(DescriptorFlags.Next))
                return;
            int next = Next(table, at);
            if (next >= wanted)
            {
                Broken(findings, new NoSuchNext(new DescriptorIndex(at, pointer.Index), next, wanted));
                return;
            }

            if (next >= count)
                return;
            at = next;
        }

        if (!_isPacked && count == wanted)
            Broken(findings, new EndlessChain(new DescriptorIndex(at, pointer.Index), count));
    }

    private bool Add(List<RingDescriptor> descriptors, RingDescriptor descriptor, List<Finding> findings)
    {
        if (_total == MaximumTotal)
        {
            Caution(findings, new NotFollowed(MaximumTotal));
            return false;
        }

        _total++;
        descriptors.Add(descriptor);
        if (descriptor.Length == 0 && !descriptor.IsTable)
            Broken(findings, new EmptyDescriptor(IndexOf(descriptors, descriptor)));
        return true;
    }

    // Everything that the device reads comes before everything it writes.
    private static void CheckOrder(List<RingDescriptor> descriptors, List<Finding> findings)
    {
        bool seenWritten = false;
        foreach (RingDescriptor descriptor in descriptors)
        {
            if (descriptor.IsTable)
                continue;
            if (seenWritten && !descriptor.IsWritten)
            {
                Broken(findings, new ReadBehindWritten(IndexOf(descriptors, descriptor)));
                return;
            }

            seenWritten |= descriptor.IsWritten;
        }
    }

    private void CheckAddresses(List<RingDescriptor> descriptors, List<Finding> findings)
    {
        foreach (RingDescriptor descriptor in descriptors)
        {
            if (_guest is null || descriptor.Length == 0 || descriptor.IsTable || _guest.Translate(descriptor.Address, out _) is not null)
                continue;
            Caution(findings, new OutsideRam(IndexOf(descriptors, descriptor), descriptor.Address));
            return;
        }
    }

    private UnreadableReason Why(ulong address) => _guest is null ? UnreadableReason.NoGuestMemory
        : _guest.Translate(address, out _) is null ? UnreadableReason.OutsideRam : UnreadableReason.NotThere;

    // A chain has one table at most, and its entries stand behind it.
    private static DescriptorIndex IndexOf(List<RingDescriptor> chain, RingDescriptor descriptor) =>
        new(descriptor.Index, descriptor.IsInTable ? chain.FindLast(static d => d is { IsTable: true, IsInTable: false }).Index : null);

    private static void Broken(List<Finding> findings, Observation what) => findings.Add(new Finding(FindingKind.Broken, what));

    private static void Caution(List<Finding> findings, Observation what) => findings.Add(new Finding(FindingKind.Caution, what));

    // Split: addr, len, flags, next. Packed: addr, len, id, flags.
    private RingDescriptor At(byte[] table, int index, bool isInTable)
    {
        ReadOnlySpan<byte> bytes = table.AsSpan(index * DescriptorSize, DescriptorSize);
        return new RingDescriptor(
            index, isInTable, BinaryPrimitives.ReadUInt64LittleEndian(bytes), BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]),
            (DescriptorFlags)BinaryPrimitives.ReadUInt16LittleEndian(bytes[(_isPacked ? 14 : 12)..]));
    }

    private static int Next(byte[] table, int index) => BinaryPrimitives.ReadUInt16LittleEndian(table.AsSpan(index * DescriptorSize + 14));
}
