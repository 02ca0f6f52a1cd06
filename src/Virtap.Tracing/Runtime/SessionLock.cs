using System.Diagnostics;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Runtime;

/// <summary>The session's lock as this process takes it. eBPF programs hold it for microseconds.</summary>
internal readonly struct SessionLock(FlatMemory memory)
{
    /// <summary>Takes the lock; false if it cannot be had in time.</summary>
    public bool TryTake(TimeSpan patience)
    {
        ref long word = ref memory.Word(SessionCells.Lock);
        long start = Stopwatch.GetTimestamp();
        var spin = new SpinWait();
        while (Volatile.Read(ref word) != 0 || Interlocked.CompareExchange(ref word, SessionCells.LockedByProcess, 0) != 0)
        {
            if (Stopwatch.GetElapsedTime(start) > patience)
                return false;
            spin.SpinOnce();
        }

        return true;
    }

    /// <summary>Lets it go.</summary>
    public void Release() => Interlocked.Exchange(ref memory.Word(SessionCells.Lock), 0);
}
