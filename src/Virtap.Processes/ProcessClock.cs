using Virtap.Interop;

namespace Virtap.Processes;

/// <summary>The clock of <c>/proc</c>: time since boot, suspended time included.</summary>
internal static class ProcessClock
{
    // _SC_CLK_TCK, the unit of times in /proc/PID/stat.
    private static readonly double s_ticksPerSecond = Libc.SystemConfiguration(2);

    public static TimeSpan FromTicks(ulong ticks) => TimeSpan.FromSeconds(ticks / s_ticksPerSecond);

    /// <summary>CLOCK_BOOTTIME now.</summary>
    public static TimeSpan SinceBoot()
    {
        string text = File.ReadAllText("/proc/uptime");
        return TimeSpan.FromSeconds(double.Parse(text.AsSpan(0, text.IndexOf(' ')), System.Globalization.CultureInfo.InvariantCulture));
    }
}
