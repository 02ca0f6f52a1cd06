using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Virtap.EndToEnd.Guests;

namespace Virtap.EndToEnd;

/// <summary>Cores of QEMU: what was wrong when somebody dumped it, or it crashed.</summary>
public sealed class CoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("virtap-core-").FullName;

    [Fact]
    public async Task A_core_tells_what_the_running_QEMU_told()
    {
        await using var guest = await StallAsync();
        var pid = guest.ProcessId.ToString(CultureInfo.InvariantCulture);
        var list = await VirtapProcess.RunAsync("ls", pid, "--json");
        var ring = await VirtapProcess.RunAsync("ring", pid, "slow0", "--json");
        var queues = await VirtapProcess.RunAsync("vq", pid, "--once", "--json", "--interval", "0.1");
        var core = await DumpAsync(guest);

        // Everything but what a core cannot know.
        AssertSame(list, await VirtapProcess.RunAsync("ls", "--core", core, "--json"), "uptimeSeconds", "executableDeleted", "core",
            "stopped");
        AssertSame(
            ring, await VirtapProcess.RunAsync("ring", "--core", core, "slow0", "--json"), "live", "seconds", "looks", "ageAtLeastSeconds",
            "ageAtMostSeconds");
        AssertSame(queues, await VirtapProcess.RunAsync("vq", "--core", core, "--json"),
            "live", "time", "seconds", "taken", "completed", "atLeast", "takenPerSecond", "completedPerSecond", "meanInFlight",
            "mostInFlight");

        var text = await VirtapProcess.RunAsync("why", "--core", core);
        var table = await VirtapProcess.RunAsync("vq", "--core", core, "slow0");
        Assert.Equal((0, ""), (text.Status, text.Error));
        Assert.Matches(
            $@"(?m)^slow0 \(virtio-blk, QEMU {pid}\): nothing wrong in the moment that the core holds, 1 queue outstanding$", text.Output);
        Assert.Matches(
            @"(?m)^  queue 0 \(requests\): outstanding\. QEMU worked on \d+ requests?: one moment does not tell whether they moved\.$",
            text.Output);
        Assert.StartsWith("one look at a core: no rates\n", table.Output, StringComparison.Ordinal);
        await TellWhatIsMissingAsync(core, Address(list, "slow0"));
    }

    // The device's own memory is written over, then the whole of the heap is not there any more.
    private static async Task TellWhatIsMissingAsync(string core, ulong device)
    {
        int header = PatchedCore.Overwrite(core, device, length: 256);
        var why = await VirtapProcess.RunAsync("why", "--core", core);
        var json = await VirtapProcess.RunAsync("why", "--core", core, "--json");
        var named = await VirtapProcess.RunAsync("why", "--core", core, "slow0");
        PatchedCore.TakeOut(core, header);
        var list = await VirtapProcess.RunAsync("ls", "--core", core);

        Assert.Equal((1, ""), (why.Status, why.Error));
        Assert.Contains("\nslow0 (virtio-blk-device, QEMU ", why.Output, StringComparison.Ordinal);
        Assert.Contains("is left out: its structures are not there, or are overwritten\n", why.Output, StringComparison.Ordinal);
        Assert.Equal(1, json.Status);
        Assert.False(JsonDocument.Parse(json.Output).RootElement.GetProperty("healthy").GetBoolean());
        Assert.Equal(1, named.Status);
        Assert.Contains("slow0 (virtio-blk-device) cannot be looked at", named.Error, StringComparison.Ordinal);
        Assert.Equal((1, ""), (list.Status, list.Error));
        Assert.Contains("QEMU's object tree is not in this core", list.Output, StringComparison.Ordinal);
    }

    private static ulong Address(CommandResult list, string device) => Convert.ToUInt64(
        JsonDocument.Parse(list.Output).RootElement.GetProperty("machines")[0].GetProperty("devices").EnumerateArray()
            .Single(each => each.GetProperty("name").GetString() == device).GetProperty("address").GetString()![2..], 16);

    [Fact]
    public async Task Guest_memory_that_is_not_in_the_core_is_told_and_QEMUs_own_copies_of_the_requests_are_shown()
    {
        await using var guest = await StallAsync("-machine", "dump-guest-core=off");
        var pid = guest.ProcessId.ToString(CultureInfo.InvariantCulture);
        var ring = Requests(await VirtapProcess.RunAsync("ring", pid, "slow0", "--json"));
        var core = await DumpAsync(guest);

        var text = await VirtapProcess.RunAsync("ring", "--core", core, "slow0");
        var json = Requests(await VirtapProcess.RunAsync("ring", "--core", core, "slow0", "--json"));
        var table = await VirtapProcess.RunAsync("vq", "--core", core, "slow0");

        Assert.Equal((0, ""), (text.Status, text.Error));
        Assert.Contains("\nthe ring: the ring is not in this core\n", text.Output, StringComparison.Ordinal);
        Assert.Contains("ring not in this core", table.Output, StringComparison.Ordinal);
        Assert.NotEmpty(json);
        Assert.Equal(ring.Select(r => r.Head), json.Select(r => r.Head));
        Assert.Equal(ring.Select(r => r.Pieces), json.Select(r => r.Pieces));
    }

    [Fact]
    public async Task A_core_that_was_cut_and_one_of_another_program_are_told()
    {
        await using var guest = await StallAsync();
        var core = await DumpAsync(guest);
        using (var file = new FileStream(core, FileMode.Open))
            file.SetLength(file.Length / 2);

        var cut = await VirtapProcess.RunAsync("ls", "--core", core, "--exe", Guest.Qemu);
        var other = await VirtapProcess.RunAsync("ls", "--core", core, "--exe", "/bin/true");
        var none = await VirtapProcess.RunAsync("ls", "--core", "/bin/true");
        var half = await VirtapProcess.RunAsync("ls", "--exe", "/bin/true");

        Assert.InRange(cut.Status, 0, 1);
        Assert.StartsWith($"warning: {core} was cut short: ", cut.Error, StringComparison.Ordinal);
        Assert.Equal(1, other.Status);
        Assert.Equal((1, "error: /bin/true is no core: it is a program or a library\n"), (none.Status, none.Error));
        Assert.Equal((1, "error: --exe says which program a core is of: --core is missing\n"), (half.Status, half.Error));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // A disk with requests that its backend does not answer.
    private static async Task<Guest> StallAsync(params string[] options)
    {
        await Requirements.InspectingAsync();
        await Requirements.GuestAsync();
        Requirements.Program("gcore");
        var guest = await Guest.StartAsync(new GuestOptions
        {
            Devices =
            [
                .. options, .. GuestOptions.Disk, "-name", "guest=dumped",
                "-object", "throttle-group,id=throttle0",
                "-blockdev",
                "driver=throttle,node-name=slow,throttle-group=throttle0,file.driver=null-co,file.size=1073741824,file.read-zeroes=on",
                "-device", "virtio-blk-pci,id=slow0,drive=slow,num-queues=1",
            ],
        });
        await guest.Qmp.ExecuteAsync("qom-set", """{"path": "/objects/throttle0", "property": "limits", "value": {"bps-total": 128}}""");
        await guest.RunAsync(
            "for n in 0 1 2 3; do dd if=/dev/vdb of=/dev/null bs=64k skip=$n count=2 iflag=direct 2>/dev/null & done; sleep 1");
        return guest;
    }

    private async Task<string> DumpAsync(Guest guest)
    {
        var dumped = await Command.RunAsync(
            Command.Find("gcore")!, ["-o", Path.Combine(_folder, "core"), guest.ProcessId.ToString(CultureInfo.InvariantCulture)]);
        Assert.True(dumped.Status == 0, dumped.Error);
        return Path.Combine(_folder, $"core.{guest.ProcessId}");
    }

    private static List<(int Head, string Pieces)> Requests(CommandResult result)
    {
        Assert.Equal((0, ""), (result.Status, result.Error));
        return
        [
            .. JsonDocument.Parse(result.Output).RootElement.GetProperty("inFlight").EnumerateArray()
                .Select(r => (r.GetProperty("head").GetInt32(), string.Join(' ', r.GetProperty("descriptors").EnumerateArray()
                    .Where(d => !d.GetProperty("flags").EnumerateArray().Any(f => f.GetString() == "indirect"))
                    .Select(d => $"{d.GetProperty("address")}+{d.GetProperty("length")}")))).Order(),
        ];
    }

    private static void AssertSame(CommandResult live, CommandResult core, params string[] except)
    {
        Assert.Equal((0, "", 0, ""), (live.Status, live.Error, core.Status, core.Error));
        Assert.Equal(
            Without(JsonNode.Parse(live.Output)!, except).ToJsonString(), Without(JsonNode.Parse(core.Output)!, except).ToJsonString());
    }

    private static JsonNode Without(JsonNode node, string[] names)
    {
        if (node is JsonObject map)
        {
            foreach (var name in names)
                map.Remove(name);
            foreach (var (_, value) in map)
                _ = value is null ? null : Without(value, names);
        }
        else if (node is JsonArray list)
        {
            foreach (var item in list)
                _ = item is null ? null : Without(item, names);
        }

        return node;
    }
}
