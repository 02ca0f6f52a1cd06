namespace Virtap.Tracing.Runtime;

/// <summary>
/// The warnings at the end of a session that lost something. The first two are SystemTap's, word for word, because programs look for
/// them; the reasons of skipped probes are SystemTap's -t.
/// </summary>
public static class LossReport
{
    /// <summary>Writes what there is to tell, and nothing if nothing was lost.</summary>
    /// <param name="losses">The counts.</param>
    /// <param name="maxStringLength">MAXSTRINGLEN, as told to who may want to raise it.</param>
    /// <param name="errors">Standard error.</param>
    /// <param name="withReasons">Whether skipped probes are broken down by reason.</param>
    public static void Write(in LossCounts losses, int maxStringLength, OutputWriter errors, bool withReasons = false)
    {
        if (losses.Errors != 0 || losses.Skipped + losses.MissedTicks != 0)
            errors.Write($"WARNING: Number of errors: {losses.Errors}, skipped probes: {losses.Skipped + losses.MissedTicks}\n");
        WriteIf(losses.MissedTicks, errors, "WARNING: Skipped as Virtap was stopped or had no processor when timers were due: ");
        WriteIf(losses.MissedReturns, errors, "WARNING: Skipped as the kernel catches 64 returns of a thread's nested calls at most: ");
        WriteIf(
            losses.LostEntries, errors,
            "WARNING: Returns whose call was not seen (begun before the session, or under way with too many others), so that @entry was "
                + "0 or \"\": ");
        if (withReasons)
        {
            WriteIf(losses.SkippedByLock, errors, "WARNING: Skipped due to global lock timeout: ");
            WriteIf(losses.SkippedByContext, errors, "WARNING: Skipped due to reentrancy: ");
            WriteIf(losses.MissedByKernel, errors, "WARNING: Skipped due to missed uprobes: ");
        }

        if (losses.LostRecords != 0)
        {
            errors.Write($"WARNING: There were {losses.LostRecords} transport failures: "
                + "so many records found the ring buffer full, and their output is missing.\n");
        }

        if (losses.CorruptRecords != 0)
            errors.Write($"WARNING: There were {losses.CorruptRecords} records that could not be read; their output is missing.\n");
        if (losses.CutStrings != 0)
        {
            errors.Write($"WARNING: Strings were cut {losses.CutStrings} times at MAXSTRINGLEN, "
                + $"{maxStringLength} bytes with the closing zero; -D MAXSTRINGLEN=N raises it.\n");
        }

        errors.Flush();
    }

    private static void WriteIf(long count, OutputWriter errors, string words)
    {
        if (count != 0)
            errors.Write($"{words}{count}\n");
    }
}
