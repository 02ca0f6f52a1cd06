using System.Text;
using Virtap.Cli.Words;
using Virtap.Processes.Commands;
using Virtap.Tracing.Runtime;
using Virtap.Tracing.Session;

namespace Virtap.Cli.Tests.Words;

public class SessionEndWordsTests
{
    private static string Report(LossCounts losses, bool withReasons = false, CommandExit? command = null)
    {
        var text = new StringBuilder();
        SessionEndWords.Write(
            new SessionResult(HasFailed: false, losses, 128, command),
            new OutputWriter(bytes => text.Append(Encoding.UTF8.GetString(bytes))), withReasons);
        return text.ToString();
    }

    [Fact]
    public void Nothing_lost_is_nothing_said() => Assert.Equal("", Report(new LossCounts()));

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
    public void How_the_command_ended_is_told_before_what_was_lost()
    {
        Assert.Equal(
            "WARNING: Child process exited with status 3\nWARNING: Number of errors: 1, skipped probes: 0\n",
            Report(new LossCounts { Errors = 1 }, command: new CommandExit(3, 0)));
        Assert.Equal("WARNING: Child process exited with signal 9\n", Report(default, command: new CommandExit(0, 9)));
        Assert.Equal("", Report(default, command: new CommandExit(0, 0)));
    }

    [Fact]
    public void Every_other_loss_has_its_line()
    {
        Assert.Equal(
            "WARNING: There were 4 transport failures: so many records found the ring buffer full, and their output is missing.\n"
                + "WARNING: There were 5 records that could not be read; their output is missing.\n"
                + "WARNING: Strings were cut 6 times at MAXSTRINGLEN, 128 bytes with the closing zero; -D MAXSTRINGLEN=N raises it.\n",
            Report(new LossCounts { LostRecords = 4, CorruptRecords = 5, CutStrings = 6 }));
        Assert.EndsWith(
            "WARNING: Skipped as the kernel catches 64 returns of a thread's nested calls at most: 7\n"
                + "WARNING: Returns whose call was not seen (begun before the session, or under way with too many others), so that @entry "
                + "was 0 or \"\": 8\n",
            Report(new LossCounts { MissedReturns = 7, LostEntries = 8 }), StringComparison.Ordinal);
    }
}
