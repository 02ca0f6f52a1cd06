using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Virtap.Interop;

namespace Virtap.Tracing.Session;

/// <summary>
/// Waits for whatever comes first: one of some descriptors, a call of <see cref="Wake"/>, a time to the nanosecond. For one thread, but
/// for that call.
/// </summary>
internal sealed unsafe class Waiter : IDisposable
{
    private readonly List<PollEntry> _entries = [];
    private readonly SafeFileHandle _wake;

    /// <summary>Makes one that waits for time and <see cref="Wake"/> only.</summary>
    /// <exception cref="IOException">The system has no descriptor left.</exception>
    public Waiter()
    {
        int file = Libc.EventFd(0, Libc.NonBlocking | Libc.CloseOnExec);
        if (file < 0)
            throw new IOException("no eventfd to wait on: " + Errno.Text(Errno.Last));
        _wake = new SafeFileHandle(file, ownsHandle: true);
        Add(file);
    }

    /// <summary>Adds a descriptor that the caller keeps open; a negative one is never ready.</summary>
    /// <returns>Its number for <see cref="IsReady"/>.</returns>
    public int Add(int file)
    {
        _entries.Add(new PollEntry { File = file, Events = PollEntry.Readable });
        return _entries.Count - 1;
    }

    /// <summary>Whether the last wait found it readable.</summary>
    public bool IsReady(int number) => _entries[number].Returned != 0;

    /// <summary>Waits.</summary>
    /// <param name="nanoseconds">How long at most; <see cref="long.MaxValue"/> for ever.</param>
    public void Wait(long nanoseconds)
    {
        var (seconds, rest) = Math.DivRem(Math.Max(nanoseconds, 0), 1_000_000_000);
        var time = new TimeSpec { Seconds = seconds, Nanoseconds = rest };
        Span<PollEntry> entries = CollectionsMarshal.AsSpan(_entries);
        fixed (PollEntry* first = entries)
        {
            int ready = Libc.Poll(first, (nuint)entries.Length, nanoseconds == long.MaxValue ? null : &time, null);
            if (ready < 0)
            {
                // Interrupted by a signal: as good as woken. Nothing else can fail here but memory.
                foreach (ref PollEntry entry in entries)
                    entry.Returned = 0;
                return;
            }
        }

        if (entries[0].Returned == 0)
            return;
        ulong count;
        _ = Libc.Read(entries[0].File, &count, sizeof(ulong));
    }

    /// <summary>Ends a wait, present or next; from any thread.</summary>
    public void Wake()
    {
        ulong one = 1;
        if (!_wake.IsClosed)
            _ = Libc.Write((int)_wake.DangerousGetHandle(), &one, sizeof(ulong));
    }

    /// <inheritdoc/>
    public void Dispose() => _wake.Dispose();
}
