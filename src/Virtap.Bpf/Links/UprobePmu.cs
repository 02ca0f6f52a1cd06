using System.Globalization;

namespace Virtap.Bpf.Links;

/// <summary>The perf event type of user-space probes and where its bits are, as the kernel describes them in sysfs.</summary>
internal sealed record UprobePmu(uint Type, int ReturnBit, int CounterShift)
{
    public const string Directory = "/sys/bus/event_source/devices/uprobe";

    private static readonly Lazy<UprobePmu?> s_current = new(Read);

    /// <summary>The running kernel's; null where it has none.</summary>
    public static UprobePmu? Current => s_current.Value;

    /// <summary>Whether the kernel counts semaphores (4.20).</summary>
    public bool HasCounters => CounterShift > 0;

    private static UprobePmu? Read() =>
        uint.TryParse(ReadText("type"), CultureInfo.InvariantCulture, out uint type)
            ? new UprobePmu(type, FirstBit(ReadText("format/retprobe")) ?? 0, FirstBit(ReadText("format/ref_ctr_offset")) ?? 0)
            : null;

    /// <summary>The bit a format begins at: <c>config:32-63</c> is 32.</summary>
    private static int? FirstBit(string format)
    {
        string bits = format.StartsWith("config:", StringComparison.Ordinal) ? format[7..].Split('-')[0] : "";
        return int.TryParse(bits, CultureInfo.InvariantCulture, out int bit) ? bit : null;
    }

    private static string ReadText(string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(Directory, file)).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
