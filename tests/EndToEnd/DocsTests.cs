using Virtap.EndToEnd.Guests;

namespace Virtap.EndToEnd;

/// <summary>
/// Every command that the guides show is run, on a guest with a disk at work (disk0) and one that hangs (data0).
/// </summary>
public class DocsTests(ITestOutputHelper output)
{
    public static TheoryData<string> Pages() =>
        [.. Directory.GetFiles(Repository.PathOf("docs", "guide"), "*.md").Select(path => Path.GetFileName(path))
            .Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task What_a_guide_shows_is_what_happens(string page)
    {
        var blocks = ShownCommands.In(Repository.PathOf("docs", "guide", page));
        Assert.NotEmpty(blocks);
        await Requirements.AttachingAsync();
        await Requirements.GuestAsync();
        await Requirements.NoOtherQemuAsync();
        if (blocks.Any(block => block.Command.StartsWith("gcore ", StringComparison.Ordinal)))
            Requirements.Program("gcore");
        await using var guest = await Guest.StartAsync(new GuestOptions
        {
            Devices =
            [
                "-name", "web01", .. GuestOptions.Disk,
                "-object", "throttle-group,id=throttle0",
                "-blockdev",
                "driver=throttle,node-name=store0,throttle-group=throttle0,file.driver=null-co,file.size=1073741824,file.read-zeroes=on",
                "-device", "virtio-blk-pci,id=data0,drive=store0",
            ],
        });
        await guest.RunAsync(
            "fio --name=busy --filename=/dev/vda --direct=1 --rw=randread --bs=4k --ioengine=libaio --iodepth=32 --time_based "
                + "--runtime=600 >/dev/null 2>&1 &");
        await BusyAsync(guest);
        await guest.Qmp.ExecuteAsync("qom-set", """{"path": "/objects/throttle0", "property": "limits", "value": {"bps-total": 1024}}""");
        await guest.RunAsync("dd if=/dev/vdb of=/dev/null bs=64k count=2 iflag=direct 2>/dev/null & sleep 0.5");

        await ShownCommands.RunAsync(blocks, guest.ProcessId, output);
    }

    /// <summary>Waits until fio is at work: on a slow machine it takes its time to start.</summary>
    private static async Task BusyAsync(Guest guest)
    {
        for (var i = 0; i < 300; i++)
        {
            var statistics = await guest.Qmp.ExecuteAsync("query-blockstats");
            if (statistics.EnumerateArray().Any(device => device.GetProperty("stats").GetProperty("rd_operations").GetInt64() > 1000))
                return;
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        throw new TimeoutException("fio did not start in the guest");
    }
}
