using Microsoft.Win32.SafeHandles;
using Virtap.Interop;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Runtime;

namespace Virtap.Tracing.Backends.Ptrace;

/// <summary>
/// Records on their way from the tracer to the session: so that nobody who is slow to read what a session prints keeps the tracer, and with
/// it the target. What does not fit is lost, and counted, as in the ring of eBPF.
/// </summary>
internal sealed unsafe class RecordQueue : IRecordSink, IDisposable
{
    private readonly Lock _gate = new();
    private readonly Queue<byte[]> _records = new();
    private readonly FlatMemory _memory;
    private readonly int _limit;
    private int _bytes;

    /// <summary>Makes an empty queue.</summary>
    /// <param name="memory">The session's, where losses are counted.</param>
    /// <param name="limit">Bytes that it holds.</param>
    /// <exception cref="IOException">The system has no descriptor left.</exception>
    public RecordQueue(FlatMemory memory, int limit)
    {
        (_memory, _limit) = (memory, limit);
        int file = Libc.EventFd(0, Libc.NonBlocking | Libc.CloseOnExec);
        if (file < 0)
            throw new IOException("no eventfd to wait on: " + Errno.Text(Errno.Last));
        Handle = new SafeFileHandle(file, ownsHandle: true);
    }

    /// <summary>A descriptor that is readable when there is something.</summary>
    public SafeFileHandle Handle { get; }

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> record)
    {
        bool wasEmpty;
        lock (_gate)
        {
            if (record.Length > _limit - _bytes)
            {
                Interlocked.Increment(ref _memory.Word(SessionCells.LostRecords));
                return;
            }

            wasEmpty = _records.Count == 0;
            _records.Enqueue(record.ToArray());
            _bytes += record.Length;
        }

        if (wasEmpty)
            Ring();
    }

    /// <summary>Makes <see cref="Handle"/> readable.</summary>
    public void Ring()
    {
        ulong one = 1;
        _ = Libc.Write((int)Handle.DangerousGetHandle(), &one, sizeof(ulong));
    }

    /// <summary>The next record; null where there is none now.</summary>
    public byte[]? Take()
    {
        lock (_gate)
        {
            if (_records.TryDequeue(out byte[]? record))
            {
                _bytes -= record.Length;
                return record;
            }

            ulong count;
            _ = Libc.Read((int)Handle.DangerousGetHandle(), &count, sizeof(ulong));
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Handle.Dispose();
}
