using System.Globalization;

namespace Virtap.Tracing.Evaluation;

/// <summary>What /proc says of a process; zeros for one that is gone.</summary>
internal sealed record ProcessStatus(int Ppid, uint Uid, uint Gid)
{
    /// <summary>Reads /proc/PID/status, whose lines are a name, a colon and values set apart by blanks.</summary>
    public static ProcessStatus Of(int pid)
    {
        try
        {
            string[] lines = File.ReadAllLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/status"));
            return new ProcessStatus((int)Value(lines, "PPid:"), Value(lines, "Uid:"), Value(lines, "Gid:"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new ProcessStatus(0, 0, 0);
        }
    }

    /// <summary>The name of a process's first thread; empty for a process that is gone.</summary>
    public static ReadOnlySpan<byte> NameOf(int pid)
    {
        try
        {
            return File.ReadAllBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/comm")).AsSpan().TrimEnd((byte)'\n');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static uint Value(string[] lines, string name)
    {
        string? line = lines.FirstOrDefault(each => each.StartsWith(name, StringComparison.Ordinal));
        string[] values = line?[name.Length..].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) ?? [];
        return values.Length > 0 && uint.TryParse(values[0], CultureInfo.InvariantCulture, out uint value) ? value : 0;
    }
}
