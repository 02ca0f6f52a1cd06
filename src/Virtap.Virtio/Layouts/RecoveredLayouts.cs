using Virtap.Binaries;
using Virtap.Binaries.Elf;
using static Virtap.Virtio.Layouts.LinearTerm;

namespace Virtap.Virtio.Layouts;

/// <summary>
/// Recovers layouts from the code of a QEMU without debugging information. QEMU exports its functions for its modules, and an accessor such
/// as <c>virtio_queue_get_num</c> is
/// little else than the offset of a field. What no accessor tells follows from its neighbours by the order of declaration, which is checked
/// where two neighbours are known.
/// </summary>
public static class RecoveredLayouts
{
    // No accessor is longer; of a longer function the beginning is enough.
    private const int MaximumCode = 1024;

    // sizeof(DeviceState) has never been less, nor sizeof(VRing).
    private const int SmallestDevice = 96;
    private const int SmallestQueueHead = 48;

    // VIRTIO_F_RING_PACKED, by which accessors tell packed from split rings.
    private const int PackedBit = 34;

    private static readonly LinearForm s_argument0 = LinearForm.Of(new Argument(0));
    private static readonly LinearForm s_argument1 = LinearForm.Of(new Argument(1));
    private static readonly LinearForm s_argument2 = LinearForm.Of(new Argument(2));

    /// <summary>Recovers the layouts of a QEMU system emulator.</summary>
    /// <param name="qemu">Its file.</param>
    /// <param name="name">What errors call it; its path where nothing else is given.</param>
    /// <exception cref="VirtioException">It is none, exports no functions, or they are not what is known of them.</exception>
    public static VirtioLayouts Read(ElfFile qemu, string? name = null)
    {
        name ??= qemu.Path;
        if (qemu.Architecture is not { } architecture)
            throw new VirtioException(
                $"{name}: layouts are recovered from x86-64 and aarch64 code; other processors are not supported yet");
        Accessors code = new(qemu, architecture, name);

        // return &vdev->vq[n]
        LinearForm queue = code.Single("virtio_get_queue", f => f.Returns.Find(r => r.FactorOf(new Argument(1)) > 0));
        int size = (int)queue.FactorOf(new Argument(1));
        if (queue.Constant != 0 || size is < 64 or > 4096 || queue.Terms.Length != 2 || QueuesOf(queue) is not { } queues)
            throw code.Unexpected("virtio_get_queue");

        return new VirtioLayouts(
            ReadDevice(code, queues), ReadQueue(code, queue, size), ReadRoot(code), ReadBlock(code), ReadRunState(code),
            ReadStart(code));
    }

    private static VirtQueueLayout ReadQueue(Accessors code, LinearForm queue, int size)
    {
        int used = Field("virtio_queue_get_used_addr");
        // last_avail_idx | last_avail_wrap_counter << 15, and the same of used above it where there are packed rings (4.2).
        LinearForm packed = code.Single("virtio_queue_get_last_avail_idx", f => f.Returns.MaxBy(r => r.Terms.Length));
        int lastAvail = Part(0) ?? throw code.Unexpected("virtio_queue_get_last_avail_idx");
        int? lastAvailWrap = Part(15), usedWrap = Part(31);
        // uint16_t last_avail_idx, [bool], shadow_avail_idx, [bool], used_idx, [bool], signalled_used, bool signalled_used_valid: a step is
        // 2 bytes, or 4 with the wrap counters.
        int valid = code.Single(
            "virtio_queue_invalidate_signalled_used", f => f.Stores.Where(s => s.Size == 1).Select(s => Offset(s.Address, queue))
            .FirstOrDefault());
        int step = (valid - lastAvail - 2) / 3, shadow = lastAvail + step, usedIndex = shadow + step;
        if (step is not (2 or 4) || valid != usedIndex + step + 2 || (lastAvailWrap is not null) != (step == 4)
            || (Part(16) ?? usedIndex) != usedIndex)
            throw code.Unexpected("virtio_queue_invalidate_signalled_used");
        // Two stores, where the compiler did not make one of them.
        if (code.Optional(
            "virtio_queue_set_last_avail_idx", f => f.Stores.Where(s => s.Size == 2 && s.Value is { } value && value.Equals(s_argument2))
            .Select(s => Offset(s.Address, queue)).FirstOrDefault(o => o is not null && o != lastAvail)) is { } stored && stored != shadow)
            throw code.Unexpected("virtio_queue_set_last_avail_idx");
        int vector = Field("virtio_queue_vector");

        return new VirtQueueLayout
        {
            Size = size,
            Number = Field("virtio_queue_get_num"),
            DefaultNumber = code.Has("virtio_queue_get_max_num") ? Field("virtio_queue_get_max_num") : Field("virtio_queue_get_num") + 4,
            Descriptors = Field("virtio_queue_get_desc_addr"),
            Avail = Field("virtio_queue_get_avail_addr"),
            Used = used,
            Caches = used + 8,
            LastAvailIndex = lastAvail,
            LastAvailWrap = lastAvailWrap,
            ShadowAvailIndex = shadow,
            UsedIndex = usedIndex,
            UsedWrap = usedWrap,
            SignalledUsed = valid - 2,
            SignalledUsedValid = valid,
            Notification = code.Optional("virtio_queue_get_notification", f => OfArgument(f.Returns, s_argument0, 1))
                ?? code.Optional(
                    "virtio_queue_set_notification", f => f.Stores.Where(s => s.Size == 1).Select(s => Offset(s.Address, s_argument0))
                    .FirstOrDefault()),
            QueueIndex = code.Single("virtio_get_queue_index", f => OfArgument(f.Returns, s_argument0, 2)),
            // return if more is to be given back than is taken; inuse -= num
            InUse = code.Single(
                "virtqueue_rewind", f => f.Loads.Where(l => l.Size == 4).Select(l => Offset(l.Address, s_argument0))
                .FirstOrDefault(o => o is not null)),
            Vector = vector,
            HandleOutput = (vector + 2 + 7) & ~7,
            Device = DeviceOf(code, "virtqueue_rewind") ?? DeviceOf(code, "virtio_queue_empty")
                ?? throw code.Unexpected("virtio_queue_empty"),
            GuestNotifier = code.Optional(
                "virtio_queue_get_guest_notifier", f => f.Returns.Select(r => Offset(r, s_argument0)).FirstOrDefault(o => o > 0)),
            HostNotifier = code.Optional(
                "virtio_queue_get_host_notifier", f => f.Returns.Select(r => Offset(r, s_argument0)).FirstOrDefault(o => o > 0)),
            HostNotifierEnabled = code.Optional(
                "virtio_queue_set_host_notifier_enabled", f => f.Stores.Where(s => s.Size == 1).Select(s => Offset(s.Address, s_argument0))
                .FirstOrDefault()),
        };

        int Field(string accessor) =>
            code.Single(
                accessor, f => f.Returns.Select(r => r.IsTerm(out var t) && t is Load load ? Offset(load.Address, queue) : null)
                .FirstOrDefault(o => o is not null));

        int? Part(int shift)
        {
            foreach (var (term, factor) in packed.Terms)
            {
                if (term is Load load && factor == 1L << shift)
                    return Offset(load.Address, queue);
            }

            return null;
        }
    }

    private static VirtioDeviceLayout ReadDevice(Accessors code, int queues)
    {
        // Where bit 34 of the features is tested, the features begin four bytes before the byte of the test.
        int? features = code.Optional("virtio_queue_get_last_avail_idx", FeaturesTested)
            ?? code.Optional("virtio_queue_get_used_size", FeaturesTested)
            ?? code.Optional("virtio_queue_get_avail_size", FeaturesTested);
        // Before 4.2 no accessor asks for packed rings: VIRTIO_F_VERSION_1 is bit 0 of the upper half.
        features ??= code.Optional(
            "virtio_error", f => f.BitTests.Where(t => t.Bit == 0).Select(t => Offset(t.Byte, s_argument0) - 4)
            .FirstOrDefault(o => o > 0));
        int? status = code.Optional("virtio_set_status", f => f.Stores
            .Where(s => s.Size == 1 && s.Value is { } value && value.Equals(s_argument1)).Select(s => Offset(s.Address, s_argument0))
            .FirstOrDefault(o => o > 0));
        int? broken = code.Optional("virtio_error", f => f.Stores
            .Where(s => s.Size == 1 && s.Value is { IsConstant: true, Constant: 1 }).Select(s => Offset(s.Address, s_argument0))
            .FirstOrDefault(o => o > 0));
        int guestFeatures = features ?? throw code.Unexpected("virtio_queue_get_last_avail_idx");
        return new VirtioDeviceLayout
        {
            Queues = queues,
            GuestFeatures = guestFeatures,
            // After status, isr and queue_sel: guest_features and host_features, in 8.2 and later the other way round, and each of 128 bits
            // since 10.2, of which the lower half comes first.
            HostFeatures = status is { } before && guestFeatures > ((before + 4 + 7) & ~7) ? (before + 4 + 7) & ~7 : guestFeatures + 8,
            // const char *name; uint8_t status
            Name = status - 8,
            Status = status,
            // uint16_t device_id; bool vm_running; bool broken
            DeviceId = broken - 3,
            VmRunning = broken - 1,
            Broken = broken,
            VhostStarted = code.Optional("vhost_dev_start", f => f.Stores
                .Where(s => s.Size == 1 && s.Value is { IsConstant: true, Constant: 1 }).Select(s => Offset(s.Address, s_argument1))
                .FirstOrDefault(o => o > 0)),
        };
    }

    // if (!root) root = container_new(); return root
    private static ulong? ReadRoot(Accessors code) => code.Optional("object_get_root", f => f.Returns
        .Select(
            r => r.IsTerm(out var t) && t is Load { Size: 8, Address: { Terms: [(Bias, 1)] } address } ? (ulong?)address.Constant : null)
                .FirstOrDefault(a => a is not null));

    // return blk->root ? blk->root->bs : NULL, and return bs->node_name
    private static BlockLayout? ReadBlock(Accessors code)
    {
        int? name = code.Optional("bdrv_get_node_name", f => f.Returns.Select(r => Offset(r, s_argument0)).FirstOrDefault(o => o > 0));
        if (name is null
            || code.OptionalForm(
                "blk_bs", f => f.Returns.Find(r => r.IsTerm(out var t) && t is Load { Address.Terms: [(Load, 1)] })) is not { } returned)
            return null;
        returned.IsTerm(out LinearTerm? term);
        LinearForm child = ((Load)term!).Address;
        var root = (Load)child.Terms[0].Term;
        return Offset(root.Address, s_argument0) is { } rootOffset ? new BlockLayout(rootOffset, (int)child.Constant, name.Value) : null;
    }

    // return current_run_state == state, where it is the only variable that is read
    private static RunStateLayout? ReadRunState(Accessors code)
    {
        if (code.Optional<ulong>("runstate_check", VariableRead) is not { } current || code.Address("RunState_lookup") is not { } names)
            return null;
        return (code.Optional<ulong>("runstate_is_running", VariableRead) ?? current) == current
            ? new RunStateLayout(current, names) : null;
    }

    // Who wants to hear of the end of the start asks phase_check(PHASE_MACHINE_READY) whether it is over: return machine_phase >= phase.
    // The number differs from version to version.
    private static StartLayout? ReadStart(Accessors code)
    {
        const int Phases = 16;
        if (code.Address("machine_init_done") is { } done)
            return new StartLayout(done, sizeof(bool), 1);
        return code.Optional<ulong>("phase_check", VariableRead) is { } phase
            && code.Optional<long>(
                "qemu_add_machine_init_done_notifier", f => f.CallArguments.Cast<long?>().FirstOrDefault(n => n is > 0 and < Phases))
                is { } ready ? new StartLayout(phase, sizeof(int), (int)ready) : null;
    }

    private static ulong? VariableRead(AccessorFacts facts)
    {
        ulong[] read = [
            .. facts.Loads.Where(l => l is { Size: 4, Address.Terms: [(Bias, 1)] }).Select(l => (ulong)l.Address.Constant).Distinct()];
        return read is [var only] ? only : null;
    }

    private static int? FeaturesTested(AccessorFacts facts) => facts.BitTests
        .Where(t => t.Bit == PackedBit % 8).Select(t => Offset(t.Byte, s_argument0) - PackedBit / 8).FirstOrDefault(o => o > 0);

    // The pointer through which a function of a queue asks for the device's features, or whether it is broken: neither lies near the
    // beginning of the device.
    private static int? DeviceOf(Accessors code, string function) => code.Optional<int>(function, facts =>
    {
        foreach (LinearForm address in facts.BitTests.Select(t => t.Byte).Concat(facts.Loads.Select(l => l.Address)))
        {
            if (address.Constant >= SmallestDevice && address.AddConstant(-address.Constant).IsTerm(out LinearTerm? term)
                && term is Load { Size: 8 } device
                && Offset(device.Address, s_argument0) is { } offset and >= SmallestQueueHead)
                return offset;
        }

        return null;
    });

    private static int? QueuesOf(LinearForm queue)
    {
        foreach (var (term, factor) in queue.Terms)
        {
            if (factor == 1 && term is Load { Size: 8 } load)
                return Offset(load.Address, s_argument0);
        }

        return null;
    }

    // A compiler may read more than the function returns.
    private static int? OfArgument(List<LinearForm> values, LinearForm argument, int size) =>
        values.Select(v => v.IsTerm(out var t) && t is Load load && load.Size >= size ? Offset(load.Address, argument) : null)
            .FirstOrDefault(o => o is not null);

    /// <summary>How far an address is from a base; null when it is not the base and a small constant.</summary>
    private static int? Offset(LinearForm address, LinearForm origin) =>
        address.Add(origin, -1) is { IsConstant: true, Constant: >= 0 and < 65536 and var offset } ? (int)offset : null;

    /// <summary>The exported functions of a file, each read once.</summary>
    private sealed class Accessors(ElfFile file, Architecture architecture, string name)
    {
        private readonly Dictionary<string, AccessorFacts?> _facts = [];

        public bool Has(string function) => Facts(function) is not null;

        public T Single<T>(string function, Func<AccessorFacts, T?> find)
            where T : class => find(Required(function)) ?? throw Unexpected(function);

        public int Single(string function, Func<AccessorFacts, int?> find) => find(Required(function)) ?? throw Unexpected(function);

        public T? Optional<T>(string function, Func<AccessorFacts, T?> find)
            where T : struct => Facts(function) is { } facts ? find(facts) : null;

        public LinearForm? OptionalForm(string function, Func<AccessorFacts, LinearForm?> find) =>
            Facts(function) is { } facts ? find(facts) : null;

        public VirtioException Unexpected(string function) =>
            new($"{name}: the code of {function} is not what is known of any QEMU; its devices cannot be shown");

        /// <summary>The address of an exported variable.</summary>
        public ulong? Address(string variable) => TryFind(variable, out ElfSymbol symbol) ? symbol.Address : null;

        private AccessorFacts Required(string function) => Facts(function)
            ?? throw new VirtioException(
                $"{name} exports no function {function}: it is no QEMU system emulator with virtio, or one built without exported "
                    + "symbols");

        private AccessorFacts? Facts(string function)
        {
            if (_facts.TryGetValue(function, out AccessorFacts? facts))
                return facts;
            if (TryFind(function, out ElfSymbol symbol))
            {
                int length = symbol.Size is > 0 and < MaximumCode ? (int)symbol.Size : MaximumCode;
                facts = AccessorFacts.Read(architecture, symbol.Address, file.BytesAt(symbol.Address, length));
            }

            return _facts[function] = facts;
        }

        private bool TryFind(string symbolName, out ElfSymbol symbol) =>
            (file.DynamicSymbols.TryFind(symbolName, out symbol) || file.Symbols.TryFind(symbolName, out symbol)) && symbol.IsDefined;
    }
}
