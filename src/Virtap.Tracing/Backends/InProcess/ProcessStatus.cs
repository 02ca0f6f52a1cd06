using System.Globalization;

namespace Virtap.Tracing.Backends.InProcess;

/// <summary>What /proc says of a process; zeros for one that is gone.</summary>
internal sealed record ProcessStatus
{
    private static readonly ProcessStatus s_gone = new();

    public int Ppid { get; private init; }

    public uint Uid { get; private init; }

    public uint EffectiveUid { get; private init; }

    public uint Gid { get; private init; }

    public uint EffectiveGid { get; private init; }

    public int ProcessGroup { get; private init; }

    public int Session { get; private init; }

    /// <summary>Reads /proc/PID/status, whose lines are a name, a colon and values set apart by blanks.</summary>
    public static ProcessStatus Of(int pid)
    {
        try
        {
            string[] lines = File.ReadAllLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/status"));
            uint[] uids = Values(lines, "Uid:"), gids = Values(lines, "Gid:");
            return new ProcessStatus
            {
                Ppid = (int)Values(lines, "PPid:")[0],
                Uid = uids[0],
                EffectiveUid = uids[1],
                Gid = gids[0],
                EffectiveGid = gids[1],
                // Of each namespace one: that of this process first.
                ProcessGroup = (int)Values(lines, "NSpgid:")[0],
                Session = (int)Values(lines, "NSsid:")[0],
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return s_gone;
        }
    }

    /// <summary>The process that a thread belongs to; the thread's own number for one that is gone.</summary>
    public static int ProcessOf(int thread)
    {
        try
        {
            return (int)Values(File.ReadAllLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{thread}/status")), "Tgid:")[0];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return thread;
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

    /// <summary>The values of a line, two at least; zeros for what is not there.</summary>
    private static uint[] Values(string[] lines, string name)
    {
        string? line = lines.FirstOrDefault(each => each.StartsWith(name, StringComparison.Ordinal));
        string[] words = line?[name.Length..].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) ?? [];
        uint[] values = new uint[Math.Max(words.Length, 2)];
        for (int i = 0; i < words.Length; i++)
            _ = uint.TryParse(words[i], CultureInfo.InvariantCulture, out values[i]);
        return values;
    }
}
