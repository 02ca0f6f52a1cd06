using System.Globalization;

namespace Virtap.Tracing.Probes;

/// <summary>The kernel's own clock tick (CONFIG_HZ), which it tells nobody directly.</summary>
public static class KernelTicks
{
    /// <summary>What Debian, SUSE and Ubuntu (before 25.04) build with: taken where the configuration is not at hand.</summary>
    public const long Usual = 250;

    private static readonly Lazy<long> s_perSecond = new(Read);

    /// <summary>Ticks in a second of the running kernel.</summary>
    public static long PerSecond => s_perSecond.Value;

    private static long Read()
    {
        const string Key = "CONFIG_HZ=";
        string release = ReadText("/proc/sys/kernel/osrelease").Trim();
        foreach (string path in (ReadOnlySpan<string>)[
            $"/boot/config-{release}", $"/lib/modules/{release}/config", $"/lib/modules/{release}/build/.config"])
        {
            foreach (ReadOnlySpan<char> line in ReadText(path).AsSpan().EnumerateLines())
            {
                if (line.StartsWith(Key, StringComparison.Ordinal)
                    && long.TryParse(line[Key.Length..], CultureInfo.InvariantCulture, out long value) && value > 0)
                    return value;
            }
        }

        return Usual;
    }

    private static string ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
