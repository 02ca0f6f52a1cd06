namespace Virtap.Names.Tests;

public class NearestNamesTests
{
    private static readonly string[] s_names =
        ["virtio_notify", "virtio_notify_irqfd", "virtio_queue_notify", "virtio_blk_req_complete", "virtio_blk_rw_complete",
            "virtio_blk_handle_read", "qcow2_cache_get", "g_malloc"];

    [Theory]
    [InlineData("virtio_notifiy", "virtio_notify")]
    [InlineData("virtio_ntoify", "virtio_notify")]
    [InlineData("VIRTIO_NOTIFY", "virtio_notify")]
    [InlineData("virtio_blk_complete", "virtio_blk_rw_complete")]
    [InlineData("virtio-blk-req-complete*", "virtio_blk_req_complete")]
    [InlineData("qcow2_cache_set", "qcow2_cache_get")]
    [InlineData("qcow2_frobnicate_everything", "qcow2_cache_get")]
    public void The_nearest_name_comes_first(string wanted, string nearest) => Assert.Equal(nearest, NearestNames.Of(wanted, s_names)[0]);

    [Fact]
    public void Names_with_the_same_words_are_near()
        => Assert.Equal(["virtio_blk_rw_complete", "virtio_blk_req_complete"], NearestNames.Of("virtio_blk_complete", s_names));

    [Theory]
    [InlineData("zzzzzzzzzz")]
    [InlineData("")]
    [InlineData("***")]
    public void Nothing_is_near_to_nonsense(string wanted) => Assert.Empty(NearestNames.Of(wanted, s_names));

    [Fact]
    public void Names_without_end_are_not_compared()
    {
        string endless = new('a', 100_000);
        Assert.Empty(NearestNames.Of(endless, [endless]));
        Assert.Empty(NearestNames.Of("a", [endless]));
    }
}
