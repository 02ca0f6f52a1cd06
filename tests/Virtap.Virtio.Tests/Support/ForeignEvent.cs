using System.Runtime.InteropServices;

namespace Virtap.Virtio.Tests.Support;

/// <summary>An eventfd of another process.</summary>
public static partial class ForeignEvent
{
    // The same numbers on every architecture since 5.3.
    private const int OpenProcess = 434, GetDescriptor = 438;

    /// <summary>Reads it as its owner would have done, who then never hears of what it held.</summary>
    /// <returns>How often it had been signalled; 0 for not at all.</returns>
    public static ulong Steal(int processId, int descriptor)
    {
        // QEMU's eventfds do not block.
        ulong count = 0;
        return With(processId, descriptor, copy => Read(copy, out count, sizeof(ulong))) == sizeof(ulong) ? count : 0;
    }

    /// <summary>Signals it.</summary>
    public static void Signal(int processId, int descriptor) =>
        Assert.Equal(sizeof(ulong), With(processId, descriptor, copy => Write(copy, 1, sizeof(ulong))));

    private static nint With(int processId, int descriptor, Func<int, nint> action)
    {
        int process = (int)Syscall(OpenProcess, processId, 0, 0), copy = (int)Syscall(GetDescriptor, process, descriptor, 0);
        Assert.True(copy >= 0, Marshal.GetLastPInvokeErrorMessage());
        try
        {
            return action(copy);
        }
        finally
        {
            _ = Close(copy);
            _ = Close(process);
        }
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Syscall(nint number, nint first, nint second, nint third);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(int descriptor, out ulong value, nint length);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int descriptor, in ulong value, nint length);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
