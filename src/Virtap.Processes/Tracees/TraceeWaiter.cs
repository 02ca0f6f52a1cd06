using Virtap.Interop;

namespace Virtap.Processes.Tracees;

/// <summary>
/// Waits for news of all threads that this process traces. The tracer takes them; while there are none, it waits until somebody wakes it:
/// others may, and a thread of its own does, which waits at the kernel (waitid with WNOWAIT, which takes nothing away).
/// </summary>
public sealed unsafe class TraceeWaiter : IDisposable
{
    // WEXITED, WSTOPPED, WNOWAIT, __WALL, and __WNOTHREAD: the calling thread's tracees and children, and not what others have started.
    private const int Stopped = 2, Exited = 4, NoWait = 0x01000000, All = 0x40000000, Own = 0x20000000;
    private const int InformationBytes = 128, NoChildren = 10, Spins = 12;

    private readonly AutoResetEvent _wake = new(false), _goOn = new(false);
    private Thread? _watcher;
    private bool _isWatching, _isClosed;
    private volatile bool _isWoken;

    /// <summary>Wakes it, from whatever thread: <see cref="Wait"/> returns without news.</summary>
    public void Wake()
    {
        _isWoken = true;
        _wake.Set();
    }

    /// <summary>News of any thread, if there are some.</summary>
    public static bool TryTake(out TraceeNews news)
    {
        int status;
        int thread = Libc.WaitPid(-1, &status, All | Own | Libc.NoHang);
        news = thread > 0 ? TraceeNews.Of(thread, status) : default;
        return thread > 0;
    }

    /// <summary>The next news of one thread, or of any; null where it is not traced any more, or none came in time.</summary>
    /// <param name="thread">The thread; -1 for any.</param>
    /// <param name="patience">How long to wait; null for as long as it takes.</param>
    public static TraceeNews? WaitFor(int thread, TimeSpan? patience = null)
    {
        long began = Environment.TickCount64;
        while (true)
        {
            int status;
            int found = Libc.WaitPid(thread, &status, patience is null ? All | Own : All | Own | Libc.NoHang);
            if (found > 0)
                return TraceeNews.Of(found, status);
            if (found < 0 && Errno.Last != Errno.Interrupted)
                return null;
            if (patience is not { } limit)
                continue;
            if (Environment.TickCount64 - began > limit.TotalMilliseconds)
                return null;
            Nap();
        }
    }

    /// <summary>Waits for news.</summary>
    /// <returns>Null where the bell was rung, or nothing is traced.</returns>
    public TraceeNews? Wait()
    {
        for (int n = 0; !_isWoken; n++)
        {
            if (TryTake(out TraceeNews news))
                return news;
            if (Errno.Last == NoChildren && Libc.WaitPid(-1, null, All | Own | Libc.NoHang) < 0)
                return null;
            // What is one instruction away comes at once.
            if (n < Spins)
            {
                Nap();
                continue;
            }

            Watch();
            _wake.WaitOne();
        }

        _isWoken = false;
        return null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _isClosed = true;
        _goOn.Set();
    }

    private void Watch()
    {
        if (_watcher is null)
        {
            _watcher = new Thread(WatchKernel) { IsBackground = true, Name = "news" };
            _watcher.Start();
        }

        if (!_isWatching)
        {
            Volatile.Write(ref _isWatching, true);
            _goOn.Set();
        }
    }

    private void WatchKernel()
    {
        byte* information = stackalloc byte[InformationBytes];
        while (true)
        {
            _goOn.WaitOne();
            if (_isClosed)
                return;
            while (Libc.WaitId(0, 0, information, All | Exited | Stopped | NoWait) < 0 && Errno.Last == Errno.Interrupted)
            {
            }

            Volatile.Write(ref _isWatching, false);
            _wake.Set();
        }
    }

    /// <summary>Leaves the CPU to the thread that is waited for, which may need this very one.</summary>
    private static void Nap()
    {
        const int nanoseconds = 5_000;
        var time = new TimeSpec { Nanoseconds = nanoseconds };
        _ = Libc.Poll(null, 0, &time, null);
    }
}
