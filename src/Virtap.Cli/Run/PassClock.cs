using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Virtap.Cli.Run;

/// <summary>
/// What a pass took, as SystemTap tells it: <c>using 413184virt/177856res/19008shr/156288data kb, in 150usr/10sys/157real ms.</c>
/// </summary>
internal sealed class PassClock
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly (double User, double System) _processor = ProcessorTime();

    /// <summary>Memory now and time since this clock was made.</summary>
    public string Usage => $"using {Memory()}, in {Time}.";

    /// <summary>Time since this clock was made.</summary>
    public string Time
    {
        get
        {
            var (user, system) = ProcessorTime();
            double real = Stopwatch.GetElapsedTime(_start).TotalMilliseconds;
            return string.Create(
                CultureInfo.InvariantCulture, $"{user - _processor.User:F0}usr/{system - _processor.System:F0}sys/{real:F0}real ms");
        }
    }

    private static (double User, double System) ProcessorTime()
    {
        Environment.ProcessCpuUsage usage = Environment.CpuUsage;
        return (usage.UserTime.TotalMilliseconds, usage.PrivilegedTime.TotalMilliseconds);
    }

    /// <summary>/proc/self/statm, proc(5): size, resident, shared, text, lib, data, in pages.</summary>
    private static string Memory()
    {
        Span<byte> bytes = stackalloc byte[128];
        using FileStream file = new("/proc/self/statm", FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        string[] fields = Encoding.ASCII.GetString(bytes[..file.Read(bytes)]).Split(' ');
        long Kilobytes(int field) => long.Parse(fields[field], CultureInfo.InvariantCulture) * Environment.SystemPageSize / 1024;
        return $"{Kilobytes(0)}virt/{Kilobytes(1)}res/{Kilobytes(2)}shr/{Kilobytes(5)}data kb";
    }
}
