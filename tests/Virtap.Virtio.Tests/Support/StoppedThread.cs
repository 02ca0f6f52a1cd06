using System.Runtime.InteropServices;

namespace Virtap.Virtio.Tests.Support;

/// <summary>
/// One thread of another process, stopped as a debugger stops it, while the others go on; it goes on when this is disposed.
/// </summary>
public sealed partial class StoppedThread : IDisposable
{
    private const int Seize = 0x4206, Interrupt = 0x4207, Detach = 17;
    // __WALL: threads too.
    private const int AllChildren = 0x40000000;

    // Only the thread that has attached may detach.
    private readonly Thread _tracer;
    private readonly ManualResetEventSlim _release = new();

    private StoppedThread(int thread)
    {
        using var stopped = new ManualResetEventSlim();
        Exception? error = null;
        _tracer = new Thread(() =>
        {
            try
            {
                Check(Trace(Seize, thread, 0, 0));
                Check(Trace(Interrupt, thread, 0, 0));
                Check(WaitPid(thread, out _, AllChildren));
            }
            catch (InvalidOperationException e)
            {
                error = e;
            }

            stopped.Set();
            _release.Wait();
            // It may have been killed meanwhile.
            _ = Trace(Detach, thread, 0, 0);
        });
        _tracer.Start();
        stopped.Wait();
        if (error is null)
            return;
        Dispose();
        throw error;
    }

    /// <summary>Stops a thread, and returns when it stands.</summary>
    public static StoppedThread Stop(int thread) => new(thread);

    public void Dispose()
    {
        _release.Set();
        _tracer.Join();
        _release.Dispose();
    }

    private static void Check(nint result)
    {
        if (result < 0)
            throw new InvalidOperationException(Marshal.GetLastPInvokeErrorMessage());
    }

    [LibraryImport("libc", EntryPoint = "ptrace", SetLastError = true)]
    private static partial nint Trace(nint request, int thread, nint address, nint data);

    [LibraryImport("libc", EntryPoint = "waitpid", SetLastError = true)]
    private static partial int WaitPid(int thread, out int status, int options);
}
