using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;
using Virtap.Interop;

namespace Virtap.Tracing.Runtime;

/// <summary>What other threads ask the session's own to do: it alone runs handlers.</summary>
internal sealed unsafe class Errands : IDisposable
{
    private readonly ConcurrentQueue<(Action Errand, ManualResetEventSlim Done)> _queue = [];
    private readonly CancellationTokenSource _closed = new();

    /// <summary>Makes a queue without any.</summary>
    /// <exception cref="IOException">The system has no descriptor left.</exception>
    public Errands()
    {
        int file = Libc.EventFd(0, Libc.NonBlocking | Libc.CloseOnExec);
        if (file < 0)
            throw new IOException("no eventfd to wait on: " + Errno.Text(Errno.Last));
        Handle = new SafeFileHandle(file, ownsHandle: true);
    }

    /// <summary>A descriptor that is readable when there is something to do.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>Has something done, and waits until it is; from any thread but the session's.</summary>
    /// <returns>False where the session ends instead.</returns>
    public bool Ask(Action errand)
    {
        using var done = new ManualResetEventSlim();
        if (_closed.IsCancellationRequested)
            return false;
        _queue.Enqueue((errand, done));
        ulong one = 1;
        _ = Libc.Write((int)Handle.DangerousGetHandle(), &one, sizeof(ulong));
        try
        {
            done.Wait(_closed.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return done.IsSet;
        }
    }

    /// <summary>Does what was asked for so far.</summary>
    public void Run()
    {
        ulong count;
        _ = Libc.Read((int)Handle.DangerousGetHandle(), &count, sizeof(ulong));
        while (!_closed.IsCancellationRequested && _queue.TryDequeue(out (Action Errand, ManualResetEventSlim Done) next))
        {
            next.Errand();
            next.Done.Set();
        }
    }

    /// <summary>From now on nothing is done.</summary>
    public void Close() => _closed.Cancel();

    /// <inheritdoc/>
    public void Dispose()
    {
        Close();
        Handle.Dispose();
    }
}
