using System.Buffers.Text;
using Virtap.Interop;

namespace Virtap.Processes;

/// <summary>
/// The clock by which the kernel's scheduler notes when a thread last ran (<c>se.exec_start</c> in <c>/proc/PID/task/TID/sched</c>,
/// CONFIG_SCHED_DEBUG). Each CPU has its own, which stands still while the CPU is in interrupts; so only times of one CPU can be compared.
/// </summary>
internal static class SchedulerClock
{
    // More than any machine has.
    private const int MaxProcessors = 1 << 16;

    /// <summary>When a thread last ran, by the clock of the CPU that it ran on.</summary>
    /// <param name="sched">Its file <c>sched</c>.</param>
    public static TimeSpan? LastRun(ReadOnlySpan<byte> sched)
    {
        ReadOnlySpan<byte> key = "\nse.exec_start"u8;
        int at = sched.IndexOf(key);
        if (at < 0)
            return null;
        ReadOnlySpan<byte> value = sched[(at + key.Length)..].TrimStart(" :"u8);
        return Utf8Parser.TryParse(value, out double milliseconds, out _) && milliseconds is > 0 and < long.MaxValue / 1e6
            ? TimeSpan.FromMilliseconds(milliseconds) : null;
    }

    /// <summary>What a CPU's clock says now; null where this process may not run on that CPU.</summary>
    public static TimeSpan? Now(int processor)
    {
        if (processor is < 0 or >= MaxProcessors)
            return null;
        TimeSpan? now = null;
        // A thread that goes there and ends: nothing else is moved.
        var visitor = new Thread(() => now = NowAsVisitor(processor));
        visitor.Start();
        visitor.Join();
        return now;
    }

    private static unsafe TimeSpan? NowAsVisitor(int processor)
    {
        ulong[] mask = new ulong[(processor / 64) + 1];
        mask[processor / 64] = 1ul << (processor % 64);
        fixed (ulong* bits = mask)
        {
            if (Libc.SetAffinity(0, (nuint)(mask.Length * sizeof(ulong)), bits) != 0)
                return null;
        }

        // The kernel notes the time when a thread gives up its CPU.
        _ = Libc.Yield();
        try
        {
            return LastRun(File.ReadAllBytes("/proc/thread-self/sched"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
