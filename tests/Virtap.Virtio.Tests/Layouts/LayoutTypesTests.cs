using Virtap.Binaries.Types;
using Virtap.Virtio.Layouts;

namespace Virtap.Virtio.Tests.Layouts;

public class LayoutTypesTests
{
    private static readonly VirtQueueLayout s_queue = new()
    {
        Size = 152,
        DefaultNumber = 4,
        Descriptors = 16,
        Avail = 24,
        Used = 32,
        Caches = 40,
        LastAvailIndex = 56,
        ShadowAvailIndex = 60,
        UsedIndex = 64,
        SignalledUsed = 68,
        SignalledUsedValid = 70,
        QueueIndex = 72,
        InUse = 76,
        Vector = 80,
        Device = 96,
        GuestNotifier = 104,
    };

    private static readonly VirtioDeviceLayout s_device = new() { Queues = 232, GuestFeatures = 176, HostFeatures = 184, Status = 168 };

    [Theory]
    [InlineData("VirtQueue", "struct VirtQueue")]
    [InlineData("struct  VirtQueue", "struct VirtQueue")]
    [InlineData("VirtIODevice *", "struct VirtIODevice *")]
    [InlineData("struct VirtQueue**", "struct VirtQueue **")]
    public void A_structure_has_its_name_in_QEMU(string name, string type)
    {
        Assert.True(LayoutTypes.Knows(name));
        Assert.Equal(type, Types().Find(name)?.ToString());
    }

    [Theory]
    [InlineData("VirtQueueElement")]
    [InlineData("union VirtQueue")]
    [InlineData("")]
    public void Others_are_not_known(string name) => Assert.False(LayoutTypes.Knows(name));

    [Fact]
    public void Without_the_block_layer_its_structures_are_no_types()
    {
        Assert.Null(Types().Find("BlockBackend"));
        Assert.Equal(["root"], Members(Types(new BlockLayout(8, 16, 24)).Find("BlockBackend")).Select(static member => member.Name));
    }

    [Theory]
    [InlineData("VirtQueue", "last_avail_idx", 56, "uint16_t")]
    [InlineData("VirtQueue", "inuse", 76, "unsigned int")]
    [InlineData("VirtQueue", "vdev", 96, "struct VirtIODevice *")]
    [InlineData("VirtQueue", "guest_notifier", 104, "struct EventNotifier")]
    [InlineData("VRing", "used", 32, "uint64_t")]
    [InlineData("VirtIODevice", "vq", 232, "struct VirtQueue *")]
    public void A_member_lies_where_the_layout_says(string structure, string name, int offset, string type)
    {
        StructureMember member = Definition(Types().Find(structure)).Find(name)!;

        Assert.Equal((offset * 8, type), (member.BitOffset, member.Type.ToString()));
    }

    [Fact]
    public void What_was_not_recovered_is_no_member()
    {
        StructureDefinition queue = Definition(Types().Find("VirtQueue"));

        Assert.True(queue.IsPartial);
        Assert.Equal(152, queue.Bytes);
        Assert.Null(queue.Find("host_notifier"));
        Assert.Null(Definition(Types().Find("VirtIODevice")).Bytes);
    }

    private static LayoutTypes Types(BlockLayout? block = null) => new(new VirtioLayouts(s_device, s_queue, null, block, null));

    private static StructureDefinition Definition(CType? type) => Assert.IsType<StructureType>(type).Definition!;

    private static IReadOnlyList<StructureMember> Members(CType? type) => Definition(type).Members;
}
