using System.Diagnostics;
using Virtap.Binaries.Code;
using Virtap.Interop;
using Virtap.Processes.Access;
using Virtap.Processes.Memory;

namespace Virtap.Processes.Stops;

/// <summary>What a thread had in its registers and on its stack at one instant.</summary>
/// <param name="ThreadId">The thread.</param>
/// <param name="Registers">Its registers.</param>
/// <param name="Stack">Its stack, from the stack pointer on.</param>
/// <param name="StoppedFor">For how long it was stopped to be looked at, at most: measured around it.</param>
public sealed unsafe record ThreadSnapshot(int ThreadId, RegisterValues Registers, StackCopy Stack, TimeSpan StoppedFor)
{
    // The used part of a stack is a few KiB nearly always; copying this much takes some tens of microseconds.
    private const int MaxStack = 1 << 19;

    private const int FirstInFirstOut = 1;

    /// <summary>
    /// Takes one of each of some threads of a live process, one after the other: each is stopped for as long as it takes to copy its
    /// registers and its stack.
    /// </summary>
    /// <param name="process">The process.</param>
    /// <param name="threadIds">The threads.</param>
    /// <param name="mappings">The process's mappings, which say how far a stack reaches.</param>
    /// <param name="patience">How long to wait for one to stop: who sleeps uninterruptibly does so only when it has woken.</param>
    /// <returns>For each thread its snapshot, or why there is none.</returns>
    /// <exception cref="ProcessException">The process's memory may not be read.</exception>
    public static IReadOnlyList<(ThreadSnapshot? Snapshot, ThreadStopException? Failure)> TakeAll(
        LiveProcess process, IReadOnlyList<int> threadIds, Mappings mappings, TimeSpan patience)
    {
        var results = new (ThreadSnapshot?, ThreadStopException?)[threadIds.Count];
        ProcessException? denied = null;
        // A thread of its own: when it ends, the kernel lets go whatever it has stopped.
        var worker = new Thread(() =>
        {
            // Ahead of whatever else wants to run: somebody waits for what this thread does. Where that is not allowed, it goes without.
            int lowest = 1;
            _ = Libc.SetScheduler(0, FirstInFirstOut, &lowest);
            try
            {
                for (int n = 0; n < results.Length; n++)
                    results[n] = TryTake(process, threadIds[n], mappings, patience);
            }
            catch (ProcessException e)
            {
                denied = e;
            }
        });
        worker.Start();
        worker.Join();
        return denied is null ? results : throw denied;
    }

    private static (ThreadSnapshot?, ThreadStopException?) TryTake(LiveProcess process, int thread, Mappings mappings, TimeSpan patience)
    {
        // Zeros: the pages are there before the thread has to wait for them.
        byte[] buffer = new byte[MaxStack];
        buffer.AsSpan().Clear();
        long began;
        RegisterValues registers;
        int length;
        try
        {
            using ThreadStop stop = ThreadStop.Begin(process.Id, thread, patience);
            began = stop.Since;
            registers = stop.ReadRegisters();
            ulong end = mappings.At(registers.StackPointer)?.End ?? 0;
            ulong used = end > registers.StackPointer ? end - registers.StackPointer : 0;
            length = process.Memory.Read(registers.StackPointer, buffer.AsSpan(0, (int)Math.Min(used, MaxStack)));
        }
        catch (ThreadStopException e)
        {
            return (null, e);
        }

        TimeSpan stopped = Stopwatch.GetElapsedTime(began);
        var stack = new StackCopy(registers.StackPointer, buffer.AsMemory(0, length), length == MaxStack);
        return (new ThreadSnapshot(thread, registers, stack, stopped), null);
    }
}

/// <summary>A copy of a stack's used end.</summary>
/// <param name="Start">The stack pointer.</param>
/// <param name="Bytes">The bytes from there on.</param>
/// <param name="IsCut">Whether the stack goes on behind them.</param>
public sealed record StackCopy(ulong Start, ReadOnlyMemory<byte> Bytes, bool IsCut)
{
    /// <summary>Reads from it; false where it does not hold all that is asked for.</summary>
    public bool TryRead(ulong address, Span<byte> buffer)
    {
        ulong within = address - Start;
        if (within >= (ulong)Bytes.Length || (ulong)Bytes.Length - within < (ulong)buffer.Length)
            return false;
        Bytes.Span.Slice((int)within, buffer.Length).CopyTo(buffer);
        return true;
    }
}
