namespace Virtap.Virtio.Features;

/// <summary>
/// What feature bits are called (virtio 1.2, sections 5 and 6; linux/virtio_*.h for the legacy ones), in lower case as tools print them:
/// <c>event_idx</c>.
/// </summary>
public static class FeatureNames
{
    // From bit 24 on: of every device.
    private static readonly Dictionary<int, string> s_common = new()
    {
        [24] = "notify_on_empty", [27] = "any_layout", [28] = "indirect_desc", [29] = "event_idx", [30] = "bad_feature",
        [32] = "version_1", [33] = "access_platform", [34] = "ring_packed", [35] = "in_order", [36] = "order_platform", [37] = "sr_iov",
        [38] = "notification_data", [39] = "notif_config_data", [40] = "ring_reset", [41] = "admin_vq",
    };

    // Bits 0 to 23, and of a network device 50 to 63.
    private static readonly Dictionary<int, Dictionary<int, string>> s_ofDevice = new()
    {
        [1] = new()
        {
            [0] = "csum", [1] = "guest_csum", [2] = "ctrl_guest_offloads", [3] = "mtu", [5] = "mac", [6] = "gso", [7] = "guest_tso4",
            [8] = "guest_tso6", [9] = "guest_ecn",
            [10] = "guest_ufo", [11] = "host_tso4", [12] = "host_tso6", [13] = "host_ecn", [14] = "host_ufo", [15] = "mrg_rxbuf",
            [16] = "status", [17] = "ctrl_vq",
            [18] = "ctrl_rx", [19] = "ctrl_vlan", [20] = "ctrl_rx_extra", [21] = "guest_announce", [22] = "mq", [23] = "ctrl_mac_addr",
            [53] = "vq_notf_coal", [54] = "guest_uso4",
            [55] = "guest_uso6", [56] = "host_uso", [57] = "hash_report", [59] = "guest_hdrlen", [60] = "rss", [61] = "rsc_ext",
            [62] = "standby", [63] = "speed_duplex",
        },
        [2] = new()
        {
            [0] = "barrier", [1] = "size_max", [2] = "seg_max", [4] = "geometry", [5] = "ro", [6] = "blk_size", [7] = "scsi",
            [9] = "flush", [10] = "topology", [11] = "config_wce",
            [12] = "mq", [13] = "discard", [14] = "write_zeroes", [15] = "lifetime", [16] = "secure_erase", [17] = "zoned",
        },
        [3] = new() { [0] = "size", [1] = "multiport", [2] = "emerg_write" },
        [5] =
            new() { [0] = "must_tell_host", [1] = "stats_vq", [2] = "deflate_on_oom", [3] = "free_page_hint", [4] = "page_poison",
                [5] = "page_reporting" },
        [8] = new() { [0] = "inout", [1] = "hotplug", [2] = "change", [3] = "t10_pi" },
        [9] = new() { [0] = "mount_tag" },
        [16] = new() { [0] = "virgl", [1] = "edid", [2] = "resource_uuid", [3] = "resource_blob", [4] = "context_init" },
        [19] = new() { [0] = "stream", [1] = "seqpacket" },
        [23] =
            new() { [0] = "input_range", [1] = "domain_range", [2] = "map_unmap", [3] = "bypass", [4] = "probe", [5] = "mmio",
                [6] = "bypass_config" },
        [24] = new() { [0] = "acpi_pxm", [1] = "unplugged_inaccessible", [2] = "persistent_suspend" },
        [26] = new() { [0] = "notification" },
    };

    /// <summary>The names of the bits that are set, lowest first; a bit nobody has named is <c>bit_N</c>.</summary>
    /// <param name="features">The bits.</param>
    /// <param name="deviceId">The virtio device type (2 for a block device); null where it is not known.</param>
    public static IReadOnlyList<string> Of(ulong features, int? deviceId)
    {
        Dictionary<int, string>? ofDevice = deviceId is { } id ? s_ofDevice.GetValueOrDefault(id) : null;
        var names = new List<string>();
        for (int bit = 0; bit < 64; bit++)
        {
            if (VirtioFeature.Has(features, bit))
                names.Add(
                    (s_common.TryGetValue(bit, out string? name) || ofDevice is not null && ofDevice.TryGetValue(bit, out name))
                    && name is not null ? name : $"bit_{bit}");
        }

        return names;
    }
}
