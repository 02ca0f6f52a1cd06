using System.Runtime.InteropServices;
using Virtap.Bpf.Kernel;
using Virtap.Bpf.Programs;
using Virtap.Interop;

namespace Virtap.Bpf.Links;

/// <summary>
/// A program run whenever a thread writes to some bytes of its memory, or reads them too: one of the processor's few registers for that
/// (perf_event_open(2), PERF_TYPE_BREAKPOINT), which the kernel lends to a thread. Threads that it makes have it too (5.13: and no
/// processes), and it goes when another program is run, to which the address means something else.
/// </summary>
public sealed class WatchpointLink : PerfEventLink
{
    private const uint TypeBreakpoint = 5, WhenWritten = 2, WhenReadOrWritten = 3;
    private const ulong Inherited = 1 << 1, ByThreads = 1ul << 35, RemovedOnExec = 1ul << 36;
    private const int MaxRounds = 20;

    // Before it, a thread of arm64 would run into the same watchpoint for ever: "hw_breakpoint: fix single-stepping when using
    // bpf_overflow_handler".
    private static readonly Version s_stepsOverOnArm64 = new(6, 6);

    private static readonly Lazy<string?> s_deafness = new(FindDeafness);

    private WatchpointLink(SafeHandle perfEvent, BpfProgram program, string operation)
        : base(perfEvent, program, 0, operation)
    {
    }

    /// <summary>
    /// Attaches to every thread that a process has. A thread that is made meanwhile has the watchpoint or has not, as it was made by one
    /// that had: so it is begun anew until none was.
    /// </summary>
    /// <param name="program">A program of kind <see cref="Specs.BpfProgramKind.PerfEvent"/>.</param>
    /// <param name="threads">The ids of the process's threads now.</param>
    /// <param name="address">Where the bytes begin, in the process.</param>
    /// <param name="length">1, 2, 4 or 8.</param>
    /// <param name="alsoRead">Whether it counts too when they are read.</param>
    /// <exception cref="BpfException">Refused by the kernel; or what it accepts would not be told by this machine.</exception>
    public static IReadOnlyList<WatchpointLink> AttachAll(
        BpfProgram program, Func<IReadOnlyList<int>> threads, ulong address, int length, bool alsoRead)
    {
        RequireTelling();
        var links = new List<WatchpointLink>();
        try
        {
            for (int round = 0; round < MaxRounds; round++)
            {
                IReadOnlyList<int> before = threads();
                foreach (int thread in before)
                {
                    if (Attach(program, thread, address, length, alsoRead) is { } link)
                        links.Add(link);
                }

                if (links.Count > 0 && threads().All(before.Contains))
                    return links;
                links.ForEach(each => each.Dispose());
                links.Clear();
            }
        }
        catch
        {
            links.ForEach(each => each.Dispose());
            throw;
        }

        throw new BpfException($"the process makes threads faster than they can be watched (tried {MaxRounds} times), or has ended");
    }

    /// <summary>Attaches to a thread; null where it has ended.</summary>
    private static unsafe WatchpointLink? Attach(BpfProgram program, int thread, ulong address, int length, bool alsoRead)
    {
        string operation = $"watching {length} {(length == 1 ? "byte" : "bytes")} at 0x{address:x} in thread {thread}";
        PerfEventAttributes attributes = Attributes(address, length, alsoRead);
        attributes.Bits |= Inherited | ByThreads | RemovedOnExec;
        SystemCall opening = Opening(&attributes, thread, -1);
        opening.Make();
        int error = (int)-opening.Result;
        return error switch
        {
            Errno.NoProcess => null,
            <= 0 => new WatchpointLink(BpfSyscall.Own(opening.Result), program, operation),
            _ => throw BpfException.FromError(operation + Hint(error, address, length), error),
        };
    }

    private static PerfEventAttributes Attributes(ulong address, int length, bool alsoRead) => new()
    {
        Type = TypeBreakpoint,
        SamplePeriodOrFrequency = 1,
        BreakpointType = alsoRead ? WhenReadOrWritten : WhenWritten,
        Config1 = address,
        Config2 = (ulong)length,
    };

    private static string Hint(int error, ulong address, int length) => error switch
    {
        Errno.NoSpace => " (the processor's registers for watchpoints are all in use: x86-64 has four)",
        Errno.Invalid when address % (ulong)length != 0 =>
            $" (of {length} bytes, the processor watches only those whose address is a multiple of {length})",
        Errno.Invalid => " (the processor does not watch such an address)",
        Errno.NoEntry or Errno.NoDevice or Errno.OperationNotSupported => " (this kernel or this processor has no watchpoints)",
        _ => "",
    };

    /// <summary>Hypervisors exist that let a guest set watchpoints and never tell it of one: so one is tried first.</summary>
    private static void RequireTelling()
    {
        if (s_deafness.Value is { } reason)
            throw new BpfException(reason);
    }

    private static unsafe string? FindDeafness()
    {
        if (RuntimeInformation.ProcessArchitecture == Architecture.Arm64 && Environment.OSVersion.Version < s_stepsOverOnArm64)
            return "on aarch64, watchpoints with a program take Linux 6.6: before it, the kernel does not get a thread past one";
        const int Size = sizeof(long);
        long* word = (long*)NativeMemory.AlignedAlloc(Size, Size);
        try
        {
            PerfEventAttributes attributes = Attributes((ulong)word, Size, alsoRead: false);
            SystemCall opening = Opening(&attributes, 0, -1);
            opening.Make();
            // Why it is refused, the target's own will tell.
            if (opening.Result < 0)
                return null;
            using SafeHandle perfEvent = BpfSyscall.Own(opening.Result);
            if (!TryEnable(perfEvent))
                return null;
            Volatile.Write(ref *word, 1);
            long count = 0;
            return Libc.Read(BpfSyscall.Descriptor(perfEvent), (byte*)&count, Size) == Size && count == 0
                ? "this machine does not tell of watchpoints: a write that was watched, in this process, went unnoticed"
                    + " (some hypervisors pass no debug exceptions on to their guests)"
                : null;
        }
        finally
        {
            NativeMemory.AlignedFree(word);
        }
    }
}
