using Virtap.Virtio.Findings;
using Virtap.Virtio.Rings;

namespace Virtap.Cli.Words;

/// <summary>What is wrong with the descriptors of a request, in words.</summary>
internal static class ChainWords
{
    public static string? Of(Observation what) => what switch
    {
        NoSuchDescriptor head => $"descriptor {head.Descriptor} does not exist in a ring of {head.Number}",
        NoSuchNext next =>
            $"{Named(next.Descriptor)} is followed by {next.Next}, "
            + $"which does not exist in a {(next.Descriptor.Table is null ? "ring" : "table")} of {next.Number}",
        EndlessChain { Next: { Table: null, Index: var next } } chain =>
            $"the chain has no end: after {chain.Number} descriptors, as many as the ring has, it goes on at {next}",
        EndlessChain { Next: { Table: var table, Index: var next } } chain =>
            $"the chain in the indirect table of descriptor {table} has no end: "
            + $"after {chain.Number} entries, as many as there are, it goes on at {next}",
        TableWithNext table => $"descriptor {table.Descriptor} is an indirect table and has a next: only one of them is allowed",
        TableNotNegotiated table =>
            $"descriptor {table.Descriptor} is an indirect table, which the driver has not negotiated (VIRTIO_F_INDIRECT_DESC)",
        OddTableLength table =>
            $"the indirect table of descriptor {table.Descriptor} has {table.Length} bytes: "
            + "no whole number of descriptors (16 bytes each)",
        TableTooLong table =>
            $"the indirect table of descriptor {table.Descriptor} has {table.Entries} entries: QEMU takes {table.Limit} at most",
        TableInTable entry => $"{Named(entry.Descriptor)} is itself a table: that is not allowed",
        TableUnreadable table => $"the indirect table at 0x{table.Address:x} cannot be read: {Of(table.Why)}",
        HeadUnreadable head => $"the request's head at 0x{head.Address:x} cannot be read",
        OutsideRam piece => $"{Short(piece.Descriptor)} is at 0x{piece.Address:x}, where the guest has no RAM",
        EmptyDescriptor piece => $"{Short(piece.Descriptor)} has a length of 0",
        ReadBehindWritten piece => $"{Short(piece.Descriptor)} is to be read, behind one that is to be written: that order is not allowed",
        NotFollowed chain => $"not followed to its end: the ring's requests have more than {chain.Limit} descriptors together",
        _ => null,
    };

    private static string Named(DescriptorIndex descriptor) =>
        Short(descriptor) + (descriptor.Table is { } table ? $" of descriptor {table}" : "");

    // A request has one table at most.
    private static string Short(DescriptorIndex descriptor) =>
        descriptor.Table is null ? $"descriptor {descriptor.Index}" : $"entry {descriptor.Index} of the indirect table";

    private static string Of(UnreadableReason why) => why switch
    {
        UnreadableReason.NoGuestMemory => "guest memory is not to be found",
        UnreadableReason.OutsideRam => "it is not in the guest's RAM",
        _ => "that part of the guest's RAM is not there to be read",
    };
}
