using Virtap.Tracing.Runtime;
using Virtap.Tracing.Session;

namespace Virtap.Cli.Words;

/// <summary>
/// What is said of a session when it has ended: how the command of -c ended, and what was lost. "Number of errors" and the words for the
/// command are SystemTap's, word for word, because programs look for them; the reasons of skipped probes are SystemTap's -t.
/// </summary>
internal static class SessionEndWords
{
    /// <summary>Writes what there is to say, and nothing if all went well.</summary>
    /// <param name="result">How it ended.</param>
    /// <param name="errors">Standard error.</param>
    /// <param name="withReasons">Whether skipped probes are broken down by reason.</param>
    public static void Write(SessionResult result, OutputWriter errors, bool withReasons = false)
    {
        foreach (string line in Of(result, withReasons))
            errors.Write(line + "\n");
        errors.Flush();
    }

    /// <summary>A line for each thing that there is to say.</summary>
    public static IEnumerable<string> Of(SessionResult result, bool withReasons = false)
    {
        if (result.Command is { Signal: not 0 and int signal })
            yield return $"WARNING: Child process exited with signal {signal}";
        else if (result.Command is { Code: not 0 and int code })
            yield return $"WARNING: Child process exited with status {code}";
        foreach (string line in Of(result.Losses, result.MaxStringLength, withReasons))
            yield return "WARNING: " + line;
    }

    private static IEnumerable<string> Of(LossCounts losses, int maxStringLength, bool withReasons)
    {
        long skipped = losses.Skipped + losses.MissedTicks;
        if (losses.Errors != 0 || skipped != 0)
            yield return $"Number of errors: {losses.Errors}, skipped probes: {skipped}";
        if (losses.MissedTicks != 0)
            yield return $"Skipped as Virtap was stopped or had no processor when timers were due: {losses.MissedTicks}";
        if (losses.MissedReturns != 0)
            yield return $"Skipped as the kernel catches 64 returns of a thread's nested calls at most: {losses.MissedReturns}";
        if (losses.LostEntries != 0)
        {
            yield return "Returns whose call was not seen (begun before the session, or under way with too many others), so that @entry "
                + $"was 0 or \"\": {losses.LostEntries}";
        }

        if (withReasons && losses.SkippedByLock != 0)
            yield return $"Skipped due to global lock timeout: {losses.SkippedByLock}";
        if (withReasons && losses.SkippedByContext != 0)
            yield return $"Skipped due to reentrancy: {losses.SkippedByContext}";
        if (withReasons && losses.MissedByKernel != 0)
            yield return $"Skipped due to missed uprobes: {losses.MissedByKernel}";
        if (losses.LostRecords != 0)
        {
            yield return $"There were {losses.LostRecords} transport failures: so many records found the ring buffer full, and their "
                + "output is missing.";
        }

        if (losses.CorruptRecords != 0)
            yield return $"There were {losses.CorruptRecords} records that could not be read; their output is missing.";
        if (losses.CutStrings != 0)
        {
            yield return $"Strings were cut {losses.CutStrings} times at MAXSTRINGLEN, {maxStringLength} bytes with the closing zero; "
                + "-D MAXSTRINGLEN=N raises it.";
        }
    }
}
