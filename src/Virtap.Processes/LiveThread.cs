using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Virtap.Processes.Kernel;

namespace Virtap.Processes;

/// <summary>A thread of a process, looked at from outside through <c>/proc</c>; one that has ended answers with nothing.</summary>
public sealed class LiveThread
{
    private readonly int _processId;

    /// <summary>Names a thread; nothing is read yet.</summary>
    /// <param name="processId">Its process.</param>
    /// <param name="id">Its thread id; the process id for the main thread.</param>
    public LiveThread(int processId, int id)
    {
        _processId = processId;
        Id = id;
    }

    /// <summary>Its thread id.</summary>
    public int Id { get; }

    /// <summary>The process that traces it (a debugger); null for none.</summary>
    public int? TracerId
    {
        get
        {
            // The kernel names the thread that traces.
            int? tracer = Number(Read("status"), "\nTracerPid:"u8);
            return tracer is null or 0 ? null : Number(ProcessFiles.ReadOrEmpty(tracer.Value, "status"), "\nTgid:"u8);
        }
    }

    /// <summary>Its thread id as it knows it itself: another one in a container. Null when it has ended.</summary>
    public int? OwnNamespaceId => Number(Read("status"), "\nNSpid:"u8);

    /// <summary>What it does now; null when it has ended.</summary>
    public ThreadStatus? ReadStatus()
    {
        // tid (comm) state ... utime stime are fields 14 and 15 (proc_pid_stat(5)). A comm may hold anything, also ")": the last one ends it.
        ReadOnlySpan<byte> text = Read("stat");
        int close = text.LastIndexOf((byte)')');
        if (close < 0 || close + 4 > text.Length)
            return null;
        char state = (char)text[close + 2];
        text = text[(close + 2)..];
        for (int field = 3; field < 14; field++)
        {
            int space = text.IndexOf((byte)' ');
            if (space < 0)
                return null;
            text = text[(space + 1)..];
        }

        return Utf8Parser.TryParse(text, out ulong user, out int length) && length < text.Length && Utf8Parser.TryParse(text[(length + 1)..], out ulong system, out _)
            ? new ThreadStatus(state, state is 'S' or 'D' ? WaitsIn() : null, ProcessClock.FromTicks(user + system)) : null;
    }

    private string? WaitsIn() => Encoding.ASCII.GetString(Read("wchan")) is { Length: > 0 } name and not "0" ? name : null;

    // The last number in a line of a status file; its parts are separated by tabs.
    private static int? Number(ReadOnlySpan<byte> status, ReadOnlySpan<byte> key)
    {
        int at = status.IndexOf(key);
        if (at < 0)
            return null;
        status = status[(at + key.Length)..];
        int end = status.IndexOf((byte)'\n');
        ReadOnlySpan<byte> line = end < 0 ? status : status[..end];
        return Utf8Parser.TryParse(line[(line.LastIndexOf((byte)'\t') + 1)..], out int number, out _) ? number : null;
    }

    private byte[] Read(string name) => ProcessFiles.ReadOrEmpty(_processId, string.Create(CultureInfo.InvariantCulture, $"task/{Id}/{name}"));
}
