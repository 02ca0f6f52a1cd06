using System.Text;

namespace Virtap.Tracing.Runtime;

/// <summary>Writes to the kernel's log and to its trace, as this process may.</summary>
internal static class KernelLogs
{
    private const string LogPath = "/dev/kmsg";

    // Where tracefs is mounted; before 4.1, and often still, within debugfs.
    private static readonly string[] s_markers = ["/sys/kernel/tracing/trace_marker", "/sys/kernel/debug/tracing/trace_marker"];

    /// <summary>A line of the log (dmesg), with its level (0 to 7).</summary>
    /// <returns>Why not; null where it is written.</returns>
    public static string? Log(long level, ReadOnlySpan<byte> text) =>
        Write(LogPath, [.. Encoding.ASCII.GetBytes($"<{level & 7}>"), .. text, (byte)'\n']);

    /// <summary>A line of the trace.</summary>
    /// <returns>Why not; null where it is written.</returns>
    public static string? Trace(ReadOnlySpan<byte> line)
    {
        string? path = s_markers.FirstOrDefault(File.Exists);
        return path is null ? "the kernel's trace is not mounted (mount -t tracefs tracefs /sys/kernel/tracing)" : Write(path, line);
    }

    private static string? Write(string path, ReadOnlySpan<byte> line)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            file.Write(line);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }
}
