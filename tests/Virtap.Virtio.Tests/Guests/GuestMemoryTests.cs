using Virtap.Virtio.Guests;
using Virtap.Virtio.Tests.Support;

namespace Virtap.Virtio.Tests.Guests;

public class GuestMemoryTests
{
    private readonly MadeGuest _guest = new();

    [Fact]
    public void An_address_in_RAM_is_found_in_QEMUs_memory_and_one_of_a_device_is_not()
    {
        GuestMemory memory = _guest.Find();

        Assert.Equal(MadeGuest.Host + 0x1234, memory.Translate(0x1234, out ulong length));
        Assert.Equal(MadeGuest.Registers - 0x1234, length);
        Assert.Equal(MadeGuest.Host + MadeGuest.End - 1, memory.Translate(MadeGuest.End - 1, out length));
        Assert.Equal(1ul, length);
        Assert.Null(memory.Translate(MadeGuest.Registers, out _));
        Assert.Null(memory.Translate(MadeGuest.End, out _));
        Assert.Null(memory.Translate(ulong.MaxValue, out _));
    }

    [Fact]
    public void What_is_read_ends_where_RAM_ends()
    {
        _guest.Memory.Write(MadeGuest.Host + MadeGuest.Registers - 4, 0x04030201);

        byte[] bytes = new byte[16];
        int read = _guest.Find().Read(MadeGuest.Registers - 4, bytes);

        Assert.Equal(4, read);
        Assert.Equal<byte>([1, 2, 3, 4], bytes[..4]);
    }

    [Fact]
    public void A_map_that_does_not_find_what_QEMU_has_is_not_believed()
    {
        Assert.Null(GuestMemory.Find(_guest.Memory, MadeGuest.FlatView, (0x1000ul, MadeGuest.Host + 0x2000)));
        Assert.Null(GuestMemory.Find(_guest.Memory, MadeGuest.FlatView, (MadeGuest.Registers, MadeGuest.Host + MadeGuest.Registers)));
    }

    [Theory]
    // No address, no memory there, no ranges, more ranges than there is room for, more than any guest has.
    [InlineData(0, 3, 8)]
    [InlineData(0x999000, 3, 8)]
    [InlineData(MadeGuest.FlatView, 0, 8)]
    [InlineData(MadeGuest.FlatView, 9, 8)]
    [InlineData(MadeGuest.FlatView, int.MaxValue, int.MaxValue)]
    public void What_is_no_map_is_not_taken_for_one(ulong address, int count, int capacity)
    {
        _guest.Memory.Write(MadeGuest.FlatView + 32, count);
        _guest.Memory.Write(MadeGuest.FlatView + 36, capacity);

        Assert.Null(GuestMemory.Find(_guest.Memory, address));
    }

    [Fact]
    public void Ranges_that_overlap_are_no_map()
    {
        // The second begins within the first.
        _guest.Memory.Write<ulong>(0x2000 + 64 + 16, 0xff000);

        Assert.Null(GuestMemory.Find(_guest.Memory, MadeGuest.FlatView));
    }
}
