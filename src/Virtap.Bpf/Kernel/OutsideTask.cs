using System.Runtime.InteropServices;
using Virtap.Interop;

namespace Virtap.Bpf.Kernel;

/// <summary>
/// Makes a system call in a task that shares this process's memory and descriptors and is not part of it: no signal that is
/// sent to this process, its group or its terminal reaches it.
/// </summary>
/// <remarks>
/// The kernel writes a breakpoint, and takes it back, through get_user_pages_remote(), which gives up where a fatal signal
/// is pending for the calling thread (mm/gup.c). A thread that is killed while it puts breakpoints in can then not take back
/// those that are in, nor can one that is killed while it closes a link: they stay in the target for ever ("uprobe: … failed
/// to unregister, leaking uprobe"). Here nothing is pending, whatever becomes of this process: when it is killed, the task
/// finishes its call and ends, and with it goes the last reference to all descriptors, on the exit path, where no signal is
/// pending either. A task costs 0.15 ms: vfork(2), as it were, without exec.
/// </remarks>
internal static unsafe class OutsideTask
{
    private const nuint StackBytes = 128 << 10;

    /// <summary>Makes a call and waits for it.</summary>
    /// <returns>What it returned; a negative errno where it failed, and EINTR where somebody killed the task itself.</returns>
    public static nint Call(SystemCall call)
    {
        const int SharesMemory = 0x100, SharesFiles = 0x400, SuspendsCaller = 0x4000, SetMask = 2;
        byte* stack = (byte*)NativeMemory.AlignedAlloc(StackBytes, 16);
        SpawnObject all, before;
        // The handlers are this process's and must not run there. The mask is inherited.
        _ = Libc.FillSignals(&all);
        _ = Libc.SetSignalMask(SetMask, &all, &before);
        int task = Libc.Clone(&Run, stack + StackBytes, SharesMemory | SharesFiles | SuspendsCaller, &call);
        // Where this user may have no more tasks, the call is made here, at the risk of a signal in these milliseconds.
        if (task < 0)
            call.Make();
        else
            Reap(task);
        _ = Libc.SetSignalMask(SetMask, &before, null);
        NativeMemory.AlignedFree(stack);
        return call.Result;
    }

    /// <summary>
    /// Makes a call that puts breakpoints in, and waits for it. Should somebody kill the task itself, it is made again:
    /// breakpoints that are there already are taken for its own, and taken back with them.
    /// </summary>
    /// <returns>What it returned; a negative errno where it failed.</returns>
    public static nint CallToTheEnd(SystemCall call)
    {
        nint result;
        do
            result = Call(call);
        while (result == -Errno.Interrupted);
        return result;
    }

    /// <summary>The task. It runs as this thread, which stands still meanwhile: as a function that the C library calls back.</summary>
    [UnmanagedCallersOnly]
    private static int Run(void* call)
    {
        _ = Libc.StartSession();
        ((SystemCall*)call)->Make();
        return 0;
    }

    private static void Reap(int task)
    {
        // It sends no signal at its end, and is no child that other waits of this process see.
        const int AnyKindOfChild = 0x40000000;
        while (Libc.WaitPid(task, null, AnyKindOfChild) < 0 && Errno.Last == Errno.Interrupted)
        {
        }
    }
}

/// <summary>A system call and its outcome.</summary>
internal struct SystemCall(nint number, nint first, nint second = 0, nint third = 0, nint fourth = 0, nint fifth = 0)
{
    /// <summary>What it returned; a negative errno where it failed, EINTR before it is made.</summary>
    public nint Result { get; private set; } = -Errno.Interrupted;

    /// <summary>Makes it in this thread.</summary>
    public void Make()
    {
        Result = Libc.Syscall(number, first, second, third, fourth, fifth);
        if (Result < 0)
            Result = -Errno.Last;
    }
}
