using System.Text.Json;

namespace Virtap.EndToEnd;

/// <summary><c>virtap explain</c> on the two stops that the notes have from gdb.</summary>
public class ExplainTests
{
    private static readonly string Text = Repository.PathOf("examples", "gdb-display-vq.txt");

    [Fact]
    public async Task The_notes_two_stops_are_told_with_what_happened_between_them()
    {
        await Requirements.InspectingAsync();

        var result = await VirtapProcess.RunAsync("explain", Text);

        Assert.Equal((0, ""), (result.Status, result.Error));
        var lines = result.Output.Split('\n');
        Assert.Contains("Stop 1 (line 2): queue 0 of the device at 0xaaaaf42cd5f0, a split ring of 128", lines);
        Assert.Contains("Stop 2 (line 11): queue 0 of the device at 0xaaaaf42cd5f0, a split ring of 128", lines);
        Assert.Contains("  128 requests taken from the avail ring (31893 -> 32021), 1 completed (31893 -> 31894).", lines);
        Assert.Contains(
            "  127 requests in flight: taken up to 32021 (last_avail_idx), given back up to 31894 (used_idx); inuse = 127 agrees.", lines);
        Assert.Contains(lines, line => line.StartsWith("  The ring of 128 is full", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("  One notification was decided on in between", StringComparison.Ordinal));
        Assert.Contains(
            lines, line => line.StartsWith("  The notification that is due now is for 1 completion only", StringComparison.Ordinal));
        Assert.Equal(
            2, lines.Count(line => line.StartsWith("  The ring addresses are consistent with num = 128", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_same_from_standard_input_as_JSON()
    {
        await Requirements.InspectingAsync();
        using var virtap = Command.Start(VirtapProcess.Binary, ["explain", "-", "--json"]);
        await virtap.StandardInput.WriteAsync(await File.ReadAllTextAsync(Text, TestContext.Current.CancellationToken));
        virtap.StandardInput.Close();

        var root = JsonDocument.Parse(await virtap.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)).RootElement;

        Assert.Equal([31893, 32021], root.GetProperty("stops").EnumerateArray().Select(s => s.GetProperty("last_avail_idx").GetInt32()));
        var step = Assert.Single(root.GetProperty("steps").EnumerateArray());
        Assert.Contains(
            step.GetProperty("findings").EnumerateArray(), f => f.GetProperty("text")
            .GetString()!.StartsWith("128 requests taken", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Fields_that_contradict_each_other_are_called_wrong_and_give_a_status_of_2()
    {
        await Requirements.InspectingAsync();
        var file = Path.GetTempFileName();
        var text = await File.ReadAllTextAsync(Text, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            file, text.Replace("inuse = 127", "inuse = 129", StringComparison.Ordinal), TestContext.Current.CancellationToken);

        var result = await VirtapProcess.RunAsync("explain", file);
        File.Delete(file);

        Assert.Equal(2, result.Status);
        Assert.Contains("  WRONG: inuse is 129, more than the 128 entries of the ring.\n", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Text_without_a_virtqueue_is_refused_with_what_is_expected()
    {
        await Requirements.InspectingAsync();

        var result = await VirtapProcess.RunAsync("explain", Repository.PathOf("LICENSE"));

        Assert.Equal((1, ""), (result.Status, result.Output));
        Assert.StartsWith("error: no virtqueue in this text: expected gdb's", result.Error, StringComparison.Ordinal);
    }
}
