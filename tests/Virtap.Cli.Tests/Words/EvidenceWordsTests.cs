using Virtap.Cli.Words;
using Virtap.Virtio.Devices;
using Virtap.Virtio.Features;
using Virtap.Virtio.Findings;
using Virtap.Virtio.Rings;
using Virtap.Virtio.Verdicts;

namespace Virtap.Cli.Tests.Words;

/// <summary>What is observed of devices and queues, as people read it.</summary>
public class EvidenceWordsTests
{
    private static readonly Looks s_looks = new(TimeSpan.FromSeconds(2.04), 41);

    public static TheoryData<string, Observation> Contradictions => new()
    {
        { "a ring of 127 entries is none: a power of two up to 32768 is needed", new ImpossibleSize(127, IsPacked: false) },
        { "a ring of 65536 entries is none: at most 32768 are allowed", new ImpossibleSize(65536, IsPacked: true) },
        { "inuse is 129, more than the 128 entries of the ring", new MoreInUseThanEntries(129, 128) },
        { "inuse is 126, but 127 were taken and not given back (last_avail_idx 32021, used_idx 31894)",
            new InUseDisagrees(126, 127, 32021, 31894) },
        {
            "shadow_avail_idx 40000 is 7979 ahead of last_avail_idx 32021: more than a ring of 128",
            new AvailTooFarAhead(IsDrivers: false, 40000, 7979, 32021, 128)
        },
        {
            "the driver's avail.idx 1100 is 1000 ahead of last_avail_idx 100: more than a ring of 128 "
                + "(QEMU will say \"Guest moved used index\", meaning this avail index)",
            new AvailTooFarAhead(IsDrivers: true, 1100, 1000, 100, 128)
        },
        {
            "used.idx in guest memory is 97, QEMU's own used_idx 100: somebody else has written to the used ring",
            new UsedIndexDiffers(97, 100)
        },
        { "the descriptors at 0x1008 are not aligned to 16 bytes", new Misaligned(RingPart.Descriptors, 0x1008, 16) },
        { "the avail ring at 0x1001 is not aligned to 2 bytes", new Misaligned(RingPart.Avail, 0x1001, 2) },
        { "the used ring at 0x1002 is not aligned to 4 bytes", new Misaligned(RingPart.Used, 0x1002, 4) },
        {
            "the avail ring (0x1800, 260 bytes for num = 128) and the used ring (0x1804, 1028 bytes) overlap",
            new PartsOverlap(new PartExtent(RingPart.Avail, 0x1800, 260), new PartExtent(RingPart.Used, 0x1804, 1028), 128)
        },
    };

    public static TheoryData<string, Observation> Evidence => new()
    {
        { "VirtIODevice.broken is set", new DeviceFlag("broken", true) },
        { "status is Acknowledge, Failed", new StatusSeen(DeviceStatus.Acknowledge | DeviceStatus.Failed) },
        { "status is Acknowledge, without DriverOk", new StatusSeen(DeviceStatus.Acknowledge, Lacking: DeviceStatus.DriverOk) },
        { "QEMU's run state is io-error", new NotRunning("io-error") },
        { "VirtIODevice.vm_running is not set", new NotRunning(null) },
        { "inuse 3 in queue 1: QEMU holds what it has taken until the machine goes on", new HeldRequests(1, 3) },
        { "QEMU's chardev char0 is disconnected:unix:/run/b",
            new BackendSocket(new VhostUserBackend("char0", "disconnected:unix:/run/b", false)) },
        { "a process listens on /run/b, and QEMU has not connected to it", new SocketListens("/run/b", true) },
        { "no process listens on /run/b", new SocketListens("/run/b", false) },
        { "queue 0: avail.idx 5, used.idx 4: 1 request waits for it", new RequestsWaiting(0, 5, 4, 1) },
        { "queue 0: avail.idx 6, used.idx 4: 2 requests wait for it", new RequestsWaiting(0, 6, 4, 2) },
        { "unchanged for 2.0 s in 41 looks", new Unchanged([], s_looks) },
        {
            "avail.idx 7, last_avail_idx 6, used_idx 5, inuse , unchanged for 2.0 s in 41 looks",
            new Unchanged(
                [Field.Guest("avail.idx", 7), Field.Qemu("last_avail_idx", 6), Field.Qemu("used_idx", 5),
                    Field.Qemu("inuse", (uint?)null)], s_looks)
        },
        { "the descriptor at last_avail_idx 12 is available, unchanged for 2.0 s in 41 looks", new DescriptorAvailable(12, s_looks) },
        { "one moment, which a core holds: by one, a thread between two stores can leave them so too", new SingleMoment() },
        { "inuse 1 -> 2, used_idx 100, 41 looks", new NoneCompleted(1, 2, 100, 41) },
        { "the queue's eventfd (descriptor 31) holds no kick that QEMU has not read", new UnreadKicks(31, 0) },
        { "the queue's eventfd (descriptor 31) holds a kick that QEMU has not read", new UnreadKicks(31, 1) },
        { "the queue's eventfd (descriptor 31) holds 7 kicks that QEMU has not read", new UnreadKicks(31, 7) },
        { "the interrupt's eventfd was read by whoever delivers it", new UnreadInterrupts(32, 0) },
        { "the interrupt's eventfd (descriptor 32) was signalled and not read", new UnreadInterrupts(32, 1) },
        { "the device wants kicks (event flags 0)", new KickWish(IsPacked: true, 0, null, IsDue: true) },
        { "the device wants no kicks (event flags 1)", new KickWish(IsPacked: true, 1, null, IsDue: false) },
        { "the device wants a kick at descriptor 9", new KickWish(IsPacked: true, 2, 9, IsDue: true) },
        { "the device wants kicks (used.flags 0)", new KickWish(IsPacked: false, 0, null, IsDue: true) },
        { "the device wants no kicks (used.flags 1)", new KickWish(IsPacked: false, 1, null, IsDue: false) },
        { "the device wants a kick when avail.idx passes 6 (avail_event): it has", new KickWish(IsPacked: false, 0, 6, IsDue: true) },
        { "the device wants a kick when avail.idx passes 6 (avail_event): it has not", new KickWish(IsPacked: false, 0, 6, IsDue: false) },
        {
            "iothread io0 (thread 4711): in its event loop (ep_poll, do_poll) in 38 of 41 looks, running, or waiting for a CPU, in 3; "
                + "0.02 s of CPU time",
            new ThreadSeen("io0", 4711, [new(ThreadActivity.EventLoop, 38, ["ep_poll", "do_poll"]), new(ThreadActivity.Running, 3, [])],
                41, TimeSpan.FromSeconds(0.02), null)
        },
        {
            "QEMU's main loop (thread 4711): stopped by its tracer, gdb (12), in 1 of 1 look; 0.00 s of CPU time",
            new ThreadSeen(null, 4711, [new(ThreadActivity.Traced, 1, [])], 1, TimeSpan.Zero, "gdb (12)")
        },
        {
            "QEMU's main loop (thread 1): waiting for a lock or another thread (futex_wait) in 1 of 4 looks, asleep in 1, blocked in the "
                + "kernel in 1, "
                + "stopped by a signal in 1; 0.00 s of CPU time",
            new ThreadSeen(null, 1,
                [new(ThreadActivity.Lock, 1, ["futex_wait"]), new(ThreadActivity.Asleep, 1, []), new(ThreadActivity.Blocked, 1, []),
                    new(ThreadActivity.Stopped, 1, [])],
                4, TimeSpan.Zero, null)
        },
    };

    public static TheoryData<string, Observation> Rings => new()
    {
        { "the driver has not set the queue up", new QueueNotSetUp() },
        { "the ring is not in this core", new RingHidden(HiddenReason.NotInCore) },
        {
            "the ring cannot be seen: its addresses, and those of the requests, go through an IOMMU of the guest",
            new RingHidden(HiddenReason.BehindIommu)
        },
        { "the ring in guest memory cannot be seen", new RingHidden(HiddenReason.Unknown) },
        { "where guest memory lies in QEMU's is not to be found: indirect tables and request heads cannot be read",
            new GuestMemoryNotFound() },
        { "of a packed ring that QEMU does not serve itself, only the device knows how far it has come", new PackedProgressUnknown() },
        { "QEMU has taken the descriptor at 0, whose flags say that it is not offered", new TakenNotOffered(0) },
        { "the request at 3 has 9 descriptors, of which only 2 are in flight", new TooManyDescriptors(3, 9, 2, IsInFlight: true) },
        { "the request at 3 has 9 descriptors, of which only 2 are free", new TooManyDescriptors(3, 9, 2, IsInFlight: false) },
        {
            "completions of other requests were written over its descriptors in the ring: shown is QEMU's own copy",
            new OwnCopyShown(OwnCopyReason.WrittenOver, 3)
        },
        { "shown is QEMU's own copy, as the ring cannot be seen", new OwnCopyShown(OwnCopyReason.RingNotVisible, 3) },
        {
            "descriptor 0 of the ring says something else by now than when QEMU took it: shown is QEMU's own copy",
            new OwnCopyShown(OwnCopyReason.Changed, 0)
        },
    };

    public static TheoryData<string, Observation> Chains => new()
    {
        { "descriptor 8 does not exist in a ring of 8", new NoSuchDescriptor(8, 8) },
        { "the chain has no end: after 8 descriptors, as many as the ring has, it goes on at 2",
            new EndlessChain(new DescriptorIndex(2, null), 8) },
        {
            "the chain in the indirect table of descriptor 0 has no end: after 2 entries, as many as there are, it goes on at 0",
            new EndlessChain(new DescriptorIndex(0, 0), 2)
        },
        { "descriptor 2 is followed by 65535, which does not exist in a ring of 8",
            new NoSuchNext(new DescriptorIndex(2, null), 65535, 8) },
        {
            "entry 0 of the indirect table of descriptor 0 is followed by 2, which does not exist in a table of 2",
            new NoSuchNext(new DescriptorIndex(0, 0), 2, 2)
        },
        { "entry 1 of the indirect table of descriptor 0 is itself a table: that is not allowed",
            new TableInTable(new DescriptorIndex(1, 0)) },
        { "the indirect table of descriptor 0 has 40 bytes: no whole number of descriptors (16 bytes each)", new OddTableLength(0, 40) },
        { "the indirect table of descriptor 0 has 268435455 entries: QEMU takes 1024 at most", new TableTooLong(0, 268435455, 1024) },
        { "descriptor 0 is an indirect table and has a next: only one of them is allowed", new TableWithNext(0) },
        { "descriptor 0 is an indirect table, which the driver has not negotiated (VIRTIO_F_INDIRECT_DESC)", new TableNotNegotiated(0) },
        {
            "the indirect table at 0x100000 cannot be read: it is not in the guest's RAM",
            new TableUnreadable(0x100000, UnreadableReason.OutsideRam)
        },
        {
            "the indirect table at 0x100000 cannot be read: guest memory is not to be found",
            new TableUnreadable(0x100000, UnreadableReason.NoGuestMemory)
        },
        {
            "the indirect table at 0x100000 cannot be read: that part of the guest's RAM is not there to be read",
            new TableUnreadable(0x100000, UnreadableReason.NotThere)
        },
        { "the request's head at 0x2000 cannot be read", new HeadUnreadable(0x2000) },
        {
            "descriptor 1 is to be read, behind one that is to be written: that order is not allowed",
            new ReadBehindWritten(new DescriptorIndex(1, null))
        },
        {
            "entry 1 of the indirect table is to be read, behind one that is to be written: that order is not allowed",
            new ReadBehindWritten(new DescriptorIndex(1, 5))
        },
        { "descriptor 0 has a length of 0", new EmptyDescriptor(new DescriptorIndex(0, null)) },
        { "descriptor 0 is at 0xdead000000, where the guest has no RAM", new OutsideRam(new DescriptorIndex(0, null), 0xdead000000) },
        { "not followed to its end: the ring's requests have more than 262144 descriptors together", new NotFollowed(262144) },
    };

    [Theory]
    [MemberData(nameof(Contradictions))]
    [MemberData(nameof(Evidence))]
    [MemberData(nameof(Rings))]
    [MemberData(nameof(Chains))]
    public void Each_observation_has_its_words(string words, Observation what) => Assert.Equal(words, ObservationWords.Of(what));
}
