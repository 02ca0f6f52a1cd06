using System.Diagnostics;
using System.Globalization;
using System.Runtime.Intrinsics.X86;
using Virtap.Interop;

namespace Virtap.Tracing.Runtime;

/// <summary>What handlers make other clocks of the kernel's monotonic one with.</summary>
internal static unsafe class SessionClocks
{
    private const int Realtime = 0, Monotonic = 1;

    /// <summary>CLOCK_MONOTONIC now, in nanoseconds: what timers are kept by.</summary>
    public static long Now()
    {
        // On Linux a Stopwatch counts nanoseconds of that clock.
        Debug.Assert(Stopwatch.Frequency == 1_000_000_000);
        return Stopwatch.GetTimestamp();
    }

    /// <summary>CLOCK_REALTIME minus CLOCK_MONOTONIC, in nanoseconds; changes when the clock is set.</summary>
    public static long RealtimeOffset()
    {
        long before = Read(Monotonic), realtime = Read(Realtime), after = Read(Monotonic);
        return realtime - before - ((after - before) / 2);
    }

    /// <summary>Ticks of the time stamp counter in a nanosecond, as a 32.32 fixed point number.</summary>
    public static long CyclesPerNanosecond() => (long)(((UInt128)CyclesPerSecond() << 32) / 1_000_000_000);

    private static ulong CyclesPerSecond()
    {
        if (X86Base.IsSupported)
        {
            // Leaf 0x15: ticks are crystal * numerator / denominator. Where it has no crystal, leaf 0x16 has the base frequency.
            int highest = X86Base.CpuId(0, 0).Eax;
            (int denominator, int numerator, int crystal, _) = highest >= 0x15 ? X86Base.CpuId(0x15, 0) : default;
            if (denominator != 0 && numerator != 0 && crystal != 0)
                return (ulong)(uint)crystal * (uint)numerator / (uint)denominator;
            if (highest >= 0x16 && X86Base.CpuId(0x16, 0).Eax is > 0 and int megahertz)
                return (ulong)megahertz * 1_000_000;
        }

        return ReadMegahertz() is double reported ? (ulong)(reported * 1e6) : 1_000_000_000;
    }

    private static double? ReadMegahertz()
    {
        try
        {
            foreach (string line in File.ReadLines("/proc/cpuinfo"))
            {
                if (line.StartsWith("cpu MHz", StringComparison.Ordinal))
                    return double.TryParse(line.AsSpan(line.IndexOf(':') + 1), CultureInfo.InvariantCulture, out double value)
                        ? value : null;
            }
        }
        catch (IOException)
        {
            // Without /proc a cycle is a nanosecond.
        }

        return null;
    }

    private static long Read(int clock)
    {
        TimeSpec time;
        _ = Libc.ReadClock(clock, &time);
        return (time.Seconds * 1_000_000_000) + time.Nanoseconds;
    }
}
