using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Virtap.Processes.Access;

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

    /// <summary>Whether a signal that it does not block was sent to it, and has not been handed to it yet.</summary>
    /// <param name="signal">The signal's number, from 1.</param>
    public bool IsPending(int signal)
    {
        byte[] status = Read("status");
        ulong bit = 1ul << (signal - 1);
        return (Signals(status, "\nSigPnd:\t"u8) & ~Signals(status, "\nSigBlk:\t"u8) & bit) != 0;
    }

    /// <summary>What it does now; null when it has ended.</summary>
    public ThreadStatus? ReadStatus()
    {
        // state is field 3, utime and stime are fields 14 and 15 of proc_pid_stat(5).
        byte[] text = Read("stat");
        ReadOnlySpan<byte> times = StatusFrom(14, text);
        return Utf8Parser.TryParse(times, out ulong user, out int length) && length < times.Length
            && Utf8Parser.TryParse(times[(length + 1)..], out ulong system, out _)
            && (char)StatusFrom(3, text)[0] is var state
            ? new ThreadStatus(state, state is 'S' or 'D' ? WaitsIn() : null, ProcessClock.FromTicks(user + system)) : null;
    }

    /// <summary>
    /// Whether it sleeps in a system call. False where it runs, or sleeps elsewhere: over a page that has to be fetched first. Null where
    /// that is not known: it has ended, the kernel was built without <c>/proc/PID/syscall</c>, or this process may not ask.
    /// </summary>
    public bool? SleepsInSystemCall => Read("syscall") switch
    {
        [] => null,
        [(byte)'r' or (byte)'-', ..] => false,
        _ => true,
    };

    /// <summary>
    /// For how long it has not run, at least: what its CPU spent in interrupts, and what a hypervisor took of it, is left out.
    /// Null for one that runs, that has ended, or that last ran on a CPU on which this process may not run.
    /// </summary>
    public TimeSpan? AtRestFor()
    {
        if (LastRun() is not { } last || Processor() is not { } processor || SchedulerClock.Now(processor) is not { } now)
            return null;
        return LastRun() == last && now > last ? now - last : null;
    }

    private TimeSpan? LastRun() => SchedulerClock.LastRun(Read("sched"));

    /// <summary>The CPU that it last ran on, field 39 of proc_pid_stat(5); null when it has ended.</summary>
    public int? Processor() => Utf8Parser.TryParse(StatusFrom(39, Read("stat")), out int processor, out _) ? processor : null;

    // tid (comm) state ...: a comm may hold anything, also ")"; the last one ends it. Empty where there is no such field.
    private static ReadOnlySpan<byte> StatusFrom(int field, ReadOnlySpan<byte> status)
    {
        const int Name = 2;
        ReadOnlySpan<byte> rest = status[(status.LastIndexOf((byte)')') + 1)..];
        for (int before = Name; before < field; before++)
        {
            int space = rest.IndexOf((byte)' ');
            if (space < 0)
                return [];
            rest = rest[(space + 1)..];
        }

        return rest;
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

    // A line of a status file that holds signals: sixteen hexadecimal digits, the first signal is the lowest bit.
    private static ulong Signals(ReadOnlySpan<byte> status, ReadOnlySpan<byte> key)
    {
        int at = status.IndexOf(key);
        return at >= 0 && Utf8Parser.TryParse(status[(at + key.Length)..], out ulong signals, out _, 'X') ? signals : 0;
    }

    private byte[] Read(string name) =>
        ProcessFiles.ReadOrEmpty(_processId, string.Create(CultureInfo.InvariantCulture, $"task/{Id}/{name}"));
}

/// <summary>A thread of a process.</summary>
/// <param name="Id">Its thread id.</param>
/// <param name="Name">Its short name, such as <c>CPU 0/KVM</c> or <c>IO iothread0</c>; "" when it has ended.</param>
public readonly record struct ProcessThread(int Id, string Name);

/// <summary>What a thread does at one moment, as the kernel has it.</summary>
/// <param name="State">The letter of proc_pid_stat(5): <c>R</c> runs or could, <c>S</c> sleeps, <c>D</c> sleeps and cannot be woken by a
/// signal, <c>T</c> stopped by a signal, <c>t</c> stopped by a tracer.</param>
/// <param name="WaitsIn">The function of the kernel in which it sleeps, such as <c>ep_poll</c>; null when it does not sleep, or the kernel
/// does not tell (no CAP_SYS_PTRACE, a kernel without names).</param>
/// <param name="CpuTime">How long it has run so far, in user mode and in the kernel; steps of 10 ms.</param>
public readonly record struct ThreadStatus(char State, string? WaitsIn, TimeSpan CpuTime)
{
    /// <summary>Whether it is stopped: by a signal, or by whoever traces it.</summary>
    public bool IsStopped => State is 'T' or 't';
}
