using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Virtap.Bpf.Kernel;
using Virtap.Bpf.Specs;
using Virtap.Interop;

namespace Virtap.Bpf.Maps;

/// <summary>
/// A ring buffer (5.8) and its one reader. Pages of the ring, as <c>kernel/bpf/ringbuf.c</c> lays them out: the consumer's position (ours
/// to write), the producer's position, then the data. The kernel would map the data twice in a row, so that a record that wraps is whole;
/// the second time would cost each session as many resident pages again, all of them at its start, so that rare record is put together
/// here instead. For one thread, but for <see cref="Wake"/>.
/// </summary>
public sealed unsafe class RingBufferReader : IDisposable
{
    private const uint Busy = 1u << 31;
    private const uint Discard = 1u << 30;
    private const uint HeaderSize = 8;

    private readonly nuint _page = (nuint)Environment.SystemPageSize;
    private readonly nuint _size;
    private readonly SafeFileHandle _wake;
    private ulong* _consumer;
    private ulong* _producer;
    private byte* _data;
    private ulong _position;
    private ulong _held;
    private byte[] _wrapped = [];

    private RingBufferReader(BpfMap map, SafeFileHandle wake)
    {
        Map = map;
        _size = map.Spec.MaxEntries;
        _wake = wake;
    }

    /// <summary>The map, to load programs with.</summary>
    public BpfMap Map { get; }

    /// <summary>Creates the ring and maps it.</summary>
    /// <param name="spec">As <see cref="MapSpec.Ring"/> makes it.</param>
    /// <exception cref="BpfException">Refused: the size is not a power of two of pages, no memory, no privilege.</exception>
    public static RingBufferReader Create(MapSpec spec)
    {
        BpfMap map = BpfMap.Create(spec);
        var reader = new RingBufferReader(map, BpfSyscall.Own(Libc.EventFd(0, Libc.NonBlocking | Libc.CloseOnExec)));
        try
        {
            if (reader._wake.IsInvalid)
                throw BpfException.FromLastError("making an eventfd for the ring buffer");
            int file = map.Descriptor;
            reader._consumer = (ulong*)MapPages(file, reader._page, Libc.ProtectRead | Libc.ProtectWrite, 0);
            reader._producer = (ulong*)MapPages(file, reader._page + reader._size, Libc.ProtectRead, (nint)reader._page);
            reader._data = (byte*)reader._producer + reader._page;
            return reader;
        }
        catch (BpfException)
        {
            reader.Dispose();
            throw;
        }
    }

    /// <summary>
    /// The next finished record, if there is one. Its bytes stay valid until the next call of this, which frees
    /// them. A record that is still being written holds up those behind it.
    /// </summary>
    public bool TryRead(out ReadOnlySpan<byte> record)
    {
        ObjectDisposedException.ThrowIf(_producer is null, this);
        Free();
        // Acquire: the header is not read before the position that covers it, nor the data before the header that says it is finished.
        while (_position < Volatile.Read(ref *_producer))
        {
            byte* header = _data + (_position & (_size - 1));
            uint word = Volatile.Read(ref *(uint*)header);
            if ((word & Busy) != 0)
                break;
            uint length = word & ~(Busy | Discard);
            _held = _position + ((HeaderSize + length + 7) & ~7u);
            if ((word & Discard) == 0)
            {
                record = Whole((_position + HeaderSize) & (_size - 1), (int)length);
                return true;
            }

            Free();
        }

        record = default;
        return false;
    }

    /// <summary>
    /// Waits for records, for <see cref="Wake"/>, or until the time is over. Read to the end before waiting: the kernel signals a record
    /// only to a reader that had caught up.
    /// </summary>
    /// <param name="timeout">How long, in whole milliseconds; negative for ever.</param>
    /// <returns>Whether there was a reason other than time.</returns>
    /// <exception cref="BpfException">The wait failed.</exception>
    public bool Wait(TimeSpan timeout)
    {
        ObjectDisposedException.ThrowIf(_producer is null, this);
        Free();
        int milliseconds = timeout < TimeSpan.Zero ? -1 : (int)Math.Min(timeout.TotalMilliseconds, int.MaxValue);
        PollEntry* entries = stackalloc PollEntry[2];
        entries[0] = new PollEntry { File = Map.Descriptor, Events = PollEntry.Readable, Returned = 0 };
        entries[1] = new PollEntry { File = BpfSyscall.Descriptor(_wake), Events = PollEntry.Readable, Returned = 0 };
        int ready = Libc.Poll(entries, 2, milliseconds);
        if (ready < 0)
        {
            // A signal is a reason to look around; the caller decides whether to wait again.
            return Errno.Last == Errno.Interrupted ? true : throw BpfException.FromLastError("waiting for the ring buffer");
        }

        if (entries[1].Returned != 0)
        {
            ulong count;
            _ = Libc.Read(entries[1].File, &count, sizeof(ulong));
        }

        return ready > 0;
    }

    /// <summary>Ends a <see cref="Wait"/>, present or next; from any thread.</summary>
    public void Wake()
    {
        ulong one = 1;
        _ = Libc.Write(BpfSyscall.Descriptor(_wake), &one, sizeof(ulong));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_consumer is not null)
            _ = Libc.Unmap(_consumer, _page);
        if (_producer is not null)
            _ = Libc.Unmap(_producer, _page + _size);
        _consumer = null;
        _producer = null;
        _wake.Dispose();
        Map.Dispose();
    }

    private ReadOnlySpan<byte> Whole(ulong offset, int length)
    {
        int toEnd = (int)Math.Min(_size - offset, (ulong)length);
        var first = new ReadOnlySpan<byte>(_data + offset, toEnd);
        if (toEnd == length)
            return first;
        if (_wrapped.Length < length)
            _wrapped = new byte[length];
        first.CopyTo(_wrapped);
        new ReadOnlySpan<byte>(_data, length - toEnd).CopyTo(_wrapped.AsSpan(toEnd));
        return _wrapped.AsSpan(0, length);
    }

    private static void* MapPages(int file, nuint length, int protection, nint offset)
    {
        void* address = Libc.Map(null, length, protection, Libc.MapShared, file, offset);
        return (nint)address == -1 ? throw BpfException.FromLastError("mapping the ring buffer into this process") : address;
    }

    /// <summary>Hands the record last read back to the producer. Release: our reads of it come first.</summary>
    private void Free()
    {
        if (_held <= _position)
            return;
        _position = _held;
        Volatile.Write(ref *_consumer, _position);
    }
}
