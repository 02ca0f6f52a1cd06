using Virtap.Binaries.Types;

namespace Virtap.Virtio.Layouts;

/// <summary>
/// The layouts of a QEMU as types of C, under the names and with the members that its sources give them; types of members are those of
/// QEMU's headers. Every structure may have more members than these.
/// </summary>
public sealed class LayoutTypes
{
    private const int BitsOfByte = 8, NodeNameBytes = 32;

    private static readonly string[] s_names =
        ["VirtQueue", "VRing", "VirtIODevice", "EventNotifier", "BlockBackend", "BdrvChild", "BlockDriverState"];

    private static readonly CType s_bool = new IntegerType("bool", 1, IsSigned: false);
    private static readonly CType s_int = new IntegerType("int", 4, IsSigned: true);
    private static readonly CType s_unsigned = new IntegerType("unsigned int", 4, IsSigned: false);
    private static readonly CType s_char = new IntegerType("char", 1, IsSigned: true);
    private static readonly CType s_byte = CTypeName.Parse("uint8_t");
    private static readonly CType s_half = CTypeName.Parse("uint16_t");
    private static readonly CType s_long = CTypeName.Parse("uint64_t");

    private readonly Dictionary<string, StructureType> _structures = [];

    /// <summary>Makes types of layouts.</summary>
    public LayoutTypes(VirtioLayouts layouts)
    {
        // Members are asked for when somebody needs them: the structures point to each other.
        Add("VirtQueue", layouts.Queue.Size, () => QueueMembers(layouts.Queue));
        Add("VRing", null, () => RingMembers(layouts.Queue));
        Add("VirtIODevice", null, () => DeviceMembers(layouts.Device));
        Add("EventNotifier", null, static () => [("rfd", 0, s_int), ("wfd", 4, s_int)]);
        if (layouts.Block is not { } block)
            return;
        Add("BlockBackend", null, () => [("root", block.Root, Pointer("BdrvChild"))]);
        Add("BdrvChild", null, () => [("bs", block.Node, Pointer("BlockDriverState"))]);
        Add("BlockDriverState", null, () => [("node_name", block.NodeName, new ArrayType(s_char, NodeNameBytes))]);
    }

    /// <summary>Whether a name is that of a structure whose layout can be recovered, or of pointers to one.</summary>
    public static bool Knows(string name) => Array.IndexOf(s_names, TagOf(name)) >= 0;

    /// <summary>Finds a type.</summary>
    /// <param name="name"><c>VirtQueue</c>, <c>struct VirtQueue</c>; stars may follow.</param>
    /// <returns>The type; null where this QEMU's layout of it was not recovered.</returns>
    public CType? Find(string name)
    {
        CType? found = _structures.GetValueOrDefault(TagOf(name));
        for (int stars = name.Count(static c => c == '*'); stars > 0 && found is not null; stars--)
            found = new PointerType(found);
        return found;
    }

    private static string TagOf(string name) =>
        name.Trim().TrimEnd('*', ' ').Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) switch
        {
            ["struct", var tag] => tag,
            [var tag] => tag,
            _ => "",
        };

    private void Add(string tag, long? bytes, Func<(string Name, int? Offset, CType Type)[]> members)
    {
        var definition = new StructureDefinition(() =>
        {
            var all = members();
            return new StructureContents(bytes, InOrder(all))
            {
                Missing = [.. all.Where(static member => member.Offset is null).Select(static member => member.Name)],
            };
        })
        {
            IsPartial = true,
        };
        _structures[tag] = new StructureType(IsUnion: false, tag, definition);
    }

    private PointerType Pointer(string tag) => new(_structures[tag]);

    private (string Name, int? Offset, CType Type)[] QueueMembers(VirtQueueLayout queue)
    {
        CType[] parameters = [Pointer("VirtIODevice"), Pointer("VirtQueue")];
        CType notifier = _structures["EventNotifier"];
        return
        [
            ("vring", 0, _structures["VRing"]),
            ("last_avail_idx", queue.LastAvailIndex, s_half),
            ("last_avail_wrap_counter", queue.LastAvailWrap, s_bool),
            ("shadow_avail_idx", queue.ShadowAvailIndex, s_half),
            ("used_idx", queue.UsedIndex, s_half),
            ("used_wrap_counter", queue.UsedWrap, s_bool),
            ("signalled_used", queue.SignalledUsed, s_half),
            ("signalled_used_valid", queue.SignalledUsedValid, s_bool),
            ("notification", queue.Notification, s_bool),
            ("queue_index", queue.QueueIndex, s_half),
            ("inuse", queue.InUse, s_unsigned),
            ("vector", queue.Vector, s_half),
            ("handle_output", queue.HandleOutput, new PointerType(new FunctionType(new VoidType(), parameters, IsVariadic: false))),
            ("vdev", queue.Device, Pointer("VirtIODevice")),
            ("guest_notifier", queue.GuestNotifier, notifier),
            ("host_notifier", queue.HostNotifier, notifier),
            ("host_notifier_enabled", queue.HostNotifierEnabled, s_bool),
        ];
    }

    /// <summary>struct VRing is a VirtQueue's first member.</summary>
    private static (string Name, int? Offset, CType Type)[] RingMembers(VirtQueueLayout queue) =>
    [
        ("num", queue.Number, s_unsigned),
        ("num_default", queue.DefaultNumber, s_unsigned),
        ("desc", queue.Descriptors, s_long),
        ("avail", queue.Avail, s_long),
        ("used", queue.Used, s_long),
        ("caches", queue.Caches, new PointerType(new StructureType(IsUnion: false, "VRingMemoryRegionCaches"))),
    ];

    private (string Name, int? Offset, CType Type)[] DeviceMembers(VirtioDeviceLayout device) =>
    [
        ("name", device.Name, new PointerType(new QualifiedType("const", s_char))),
        ("status", device.Status, s_byte),
        ("guest_features", device.GuestFeatures, s_long),
        ("host_features", device.HostFeatures, s_long),
        ("vq", device.Queues, Pointer("VirtQueue")),
        ("device_id", device.DeviceId, s_half),
        ("vm_running", device.VmRunning, s_bool),
        ("broken", device.Broken, s_bool),
        ("vhost_started", device.VhostStarted, s_bool),
    ];

    private static IReadOnlyList<StructureMember> InOrder((string Name, int? Offset, CType Type)[] members)
    {
        var known = new List<StructureMember>();
        foreach ((string name, int? offset, CType type) in members)
        {
            if (offset is int bytes)
                known.Add(new StructureMember(name, type, (long)bytes * BitsOfByte));
        }

        return [.. known.OrderBy(static member => member.BitOffset)];
    }
}
