using System.Text;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Runtime;

namespace Virtap.Tracing.Tests.Runtime;

public class LossReportTests
{
    private static string Report(LossCounts losses, bool withReasons = false)
    {
        var text = new StringBuilder();
        LossReport.Write(losses, 128, new OutputWriter(bytes => text.Append(Encoding.UTF8.GetString(bytes))), withReasons);
        return text.ToString();
    }

    [Fact]
    public void Nothing_lost_is_nothing_said() => Assert.Equal("", Report(new LossCounts()));

    [Fact]
    public void Counts_are_read_from_the_memory()
    {
        byte[] memory = new byte[SessionCells.End];
        (int Cell, long Count)[] counts =
        [
            (SessionCells.Errors, 1),
            (SessionCells.SkippedByLock, 2),
            (SessionCells.SkippedByContext, 3),
            (SessionCells.LostRecords, 4),
            (SessionCells.CutStrings, 5),
        ];
        foreach ((int cell, long count) in counts)
            BitConverter.TryWriteBytes(memory.AsSpan(cell), count);
        Assert.Equal(
            new LossCounts { Errors = 1, SkippedByLock = 2, SkippedByContext = 3, LostRecords = 4, CutStrings = 5 },
            LossCounts.Read(memory));
    }

    [Fact]
    public void Errors_and_skipped_probes_are_told_in_SystemTaps_words()
    {
        Assert.Equal("WARNING: Number of errors: 1, skipped probes: 0\n", Report(new LossCounts { Errors = 1 }));
        Assert.Equal(
            "WARNING: Number of errors: 0, skipped probes: 6\n",
            Report(new LossCounts { SkippedByLock = 1, SkippedByContext = 2, MissedByKernel = 3 }));
    }

    [Fact]
    public void Missed_ticks_are_skipped_probes_whose_reason_is_always_told() => Assert.Equal(
        "WARNING: Number of errors: 0, skipped probes: 9\nWARNING: Skipped as Virtap was stopped or had no processor when timers were "
            + "due: 9\n",
        Report(new LossCounts { MissedTicks = 9 }));

    [Fact]
    public void Reasons_are_told_on_demand() => Assert.Equal(
        "WARNING: Number of errors: 0, skipped probes: 3\nWARNING: Skipped due to global lock timeout: 1\nWARNING: Skipped due to "
            + "reentrancy: 2\n",
        Report(new LossCounts { SkippedByLock = 1, SkippedByContext = 2 }, withReasons: true));

    [Fact]
    public void Every_other_loss_has_its_line()
    {
        string[] lines = Report(new LossCounts { LostRecords = 4, CorruptRecords = 5, CutStrings = 6 }).Split('\n');
        Assert.StartsWith("WARNING: There were 4 transport failures", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("WARNING: There were 5 records that could not be read", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("WARNING: Strings were cut 6 times at MAXSTRINGLEN, 128 bytes", lines[2], StringComparison.Ordinal);
        Assert.Equal(4, lines.Length);
    }
}
