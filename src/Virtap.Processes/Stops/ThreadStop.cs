using System.Diagnostics;
using Virtap.Binaries;
using Virtap.Binaries.Code;
using Virtap.Interop;

namespace Virtap.Processes.Stops;

/// <summary>
/// A thread of another process that is stopped: by ptrace(2), as PTRACE_SEIZE and PTRACE_INTERRUPT (3.4) do it, without a signal that the
/// process could notice. To be used and disposed of by one thread of this process, which ends soon: whatever ends it, the kernel then lets
/// the stopped thread go on, and one that had not stopped in time as well.
/// </summary>
public sealed unsafe class ThreadStop : IDisposable
{
    // linux/ptrace.h, linux/elf.h.
    private const int Seize = 0x4206, Interrupt = 0x4207, Detach = 17, GetRegisterSet = 0x4204, GetSignalInfo = 0x4202;
    private const int GeneralRegisters = 1;

    // __WALL | WNOHANG.
    private const int Wait = 0x40000001;

    private const int Spins = 20, NapNanoseconds = 20_000, SignalInfoWords = 32, StopEvent = 128;

    private readonly int _thread;
    private readonly int _signal;

    private ThreadStop(int thread, int signal, long since) => (_thread, _signal, Since) = (thread, signal, since);

    /// <summary>
    /// When it had not stopped yet, as <see cref="Stopwatch"/> tells time: the last look at it before it was seen to have stopped.
    /// </summary>
    public long Since { get; }

    /// <summary>Stops a thread.</summary>
    /// <param name="processId">Its process.</param>
    /// <param name="threadId">The thread.</param>
    /// <param name="patience">How long to wait for it to stop.</param>
    /// <exception cref="ThreadStopException">It could not be stopped.</exception>
    public static ThreadStop Begin(int processId, int threadId, TimeSpan patience)
    {
        if (Libc.Trace(Seize, threadId, 0, 0) < 0)
            throw Failure(processId, threadId, Errno.Last);
        _ = Libc.Trace(Interrupt, threadId, 0, 0);
        long began = Stopwatch.GetTimestamp(), last = began;
        for (int n = 0; ; n++)
        {
            long now = Stopwatch.GetTimestamp();
            int status;
            int waited = Libc.WaitPid(threadId, &status, Wait);
            if (waited == threadId && (status & 0xff) == 0x7f)
            {
                // A signal that came first is the thread's own: it is handed over when it goes on.
                return new ThreadStop(threadId, status >> 16 == 0 ? status >> 8 & 0xff : 0, last);
            }

            if (waited == threadId || (waited < 0 && Errno.Last != Errno.Interrupted))
                throw new ThreadStopException(ThreadStopFailure.Ended, processId, threadId);

            // Where this process waits for its children as .NET does, the news may have gone there.
            if (waited == 0 && SignalOfStopped(threadId) is int found)
                return new ThreadStop(threadId, found, last);
            last = now;
            if (Stopwatch.GetElapsedTime(began, now) > patience)
                throw new ThreadStopException(ThreadStopFailure.Uninterruptible, processId, threadId);
            if (n >= Spins)
                Nap();
        }
    }

    /// <summary>Its general registers.</summary>
    /// <exception cref="ThreadStopException">It has been killed meanwhile, or runs 32-bit code.</exception>
    public RegisterValues ReadRegisters()
    {
        const int size = 512;
        byte* buffer = stackalloc byte[size];
        var vector = new IoVector { Base = (nuint)buffer, Length = size };
        if (Libc.Trace(GetRegisterSet, _thread, GeneralRegisters, (nint)(&vector)) < 0)
            throw new ThreadStopException(ThreadStopFailure.Ended, _thread, _thread);
        return RegisterValues.OfKernel(HostArchitecture.Current, new ReadOnlySpan<byte>(buffer, (int)vector.Length))
            ?? throw new ThreadStopException(ThreadStopFailure.OtherWidth, _thread, _thread);
    }

    /// <summary>Lets it go on, with the signal that was on its way to it.</summary>
    public void Dispose() => _ = Libc.Trace(Detach, _thread, 0, _signal);

    /// <summary>The signal that a thread has stopped before, 0 for none; null for one that has not stopped.</summary>
    private static int? SignalOfStopped(int thread)
    {
        // siginfo_t: the signal, an error, and how it came: for a stop that is no signal's, SIGTRAP and above it the event.
        int* info = stackalloc int[SignalInfoWords];
        if (Libc.Trace(GetSignalInfo, thread, 0, (nint)info) < 0)
            return null;
        return info[2] >> 8 == StopEvent ? 0 : info[0];
    }

    /// <summary>Leaves the CPU to the thread that is to stop, which may need this very one.</summary>
    private static void Nap()
    {
        var time = new TimeSpec { Nanoseconds = NapNanoseconds };
        _ = Libc.Poll(null, 0, &time, null);
    }

    private static ThreadStopException Failure(int process, int thread, int error)
    {
        if (error == Errno.NoProcess)
            return new ThreadStopException(ThreadStopFailure.Ended, process, thread);
        int? tracer = new LiveThread(process, thread).TracerId;
        return new ThreadStopException(tracer is null ? ThreadStopFailure.Denied : ThreadStopFailure.Traced, process, thread, tracer);
    }
}
