using System.Globalization;
using System.Runtime.InteropServices;
using Virtap.Interop;
using Virtap.Processes.Commands;

namespace Virtap.Cli.Tracers;

/// <summary>
/// What the tracer's process, which has a session of its own, hears of <see cref="TracerFront"/>: the signals that there were, and that
/// that one is gone.
/// </summary>
internal static class TracerBack
{
    /// <summary>SIGUSR1 by its number on Linux, which wakes this process's first thread out of a write that nobody reads.</summary>
    private const PosixSignal Wake = (PosixSignal)ProcessSignal.User1;

    /// <summary>How long the last words may take once all is to end: a debugger's target stands still all the while.</summary>
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(1);

    /// <summary>Hears from now on, on a thread of its own.</summary>
    /// <param name="heed">Told of each signal by its number.</param>
    /// <param name="onGone">Called when the front is gone, however: all is to be as if nobody had been here.</param>
    /// <returns>To be disposed of when this process is about to end: until then the signal of <see cref="FallSilent"/> ends nothing.
    /// </returns>
    public static IDisposable Listen(Action<int> heed, Action onGone)
    {
        var wake = PosixSignalRegistration.Create(Wake, static context => context.Cancel = true);
        foreach (int file in (ReadOnlySpan<int>)[TracerFront.NewsFile, TracerFront.LedgerFile])
            _ = Libc.Control(file, Libc.SetDescriptorFlags, Libc.ClosedOnExec);
        NameProcess();
        new Thread(Hear) { IsBackground = true, Name = "front" }.Start();
        return wake;

        unsafe void Hear()
        {
            byte signal = 0;
            while (Libc.Read(TracerFront.NewsFile, &signal, 1) is var read && (read > 0 || (read < 0 && Errno.Last == Errno.Interrupted)))
            {
                if (read > 0 && signal != 0)
                    heed(signal);
            }

            onGone();
        }
    }

    /// <summary>Who kills all that is called virtap (pkill, killall) means what he has started.</summary>
    private static void NameProcess()
    {
        try
        {
            File.WriteAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/self/task/{Environment.ProcessId}/comm"), "tracer");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Then it keeps its name.
        }
    }

    /// <summary>
    /// What is said goes nowhere any more, after a while: a terminal that is held, a pager that nobody turns the page of would keep the
    /// tracer, and with it the target, where they are.
    /// </summary>
    public static void FallSilent()
    {
        new Thread(static () =>
        {
            Thread.Sleep(s_grace);
            int nowhere = Libc.Open("/dev/null", Libc.WriteOnly | Libc.CloseOnExec);
            _ = Libc.Duplicate(nowhere, 1);
            _ = Libc.Duplicate(nowhere, 2);
            // A write that has begun is begun anew after a signal, and finds this place then. The first thread is the one that writes, and
            // the one that the kernel gives a process's signals to.
            _ = ProcessSignal.Send(Environment.ProcessId, (int)Wake);
        }) { IsBackground = true, Name = "end" }.Start();
    }
}
