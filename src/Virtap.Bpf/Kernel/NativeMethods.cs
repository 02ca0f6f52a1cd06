using System.Runtime.InteropServices;

namespace Virtap.Bpf.Kernel;

/// <summary>The C library's functions used here, and the two system calls it has no function for.</summary>
internal static unsafe partial class NativeMethods
{
    public const int ProtectRead = 1;
    public const int ProtectWrite = 2;
    public const int MapShared = 1;
    public const int MapPrivate = 2;
    public const short PollIn = 1;

    private static readonly nint s_bpf = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 280 : 321;
    private static readonly nint s_perfEventOpen = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 241 : 298;

    /// <summary>bpf(2). Returns a negative number and sets errno on failure.</summary>
    public static nint Bpf(BpfCommand command, void* attributes, uint size) =>
        Syscall(s_bpf, (nint)command, (nint)attributes, (nint)size, 0, 0, 0);

    /// <summary>perf_event_open(2), closed on exec.</summary>
    public static nint PerfEventOpen(PerfEventAttributes* attributes, int pid, int cpu)
    {
        const int CloseOnExec = 8;
        return Syscall(s_perfEventOpen, (nint)attributes, pid, cpu, -1, CloseOnExec, 0);
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    public static partial void* Map(void* address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    public static partial int Unmap(void* address, nuint length);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    public static partial int Ioctl(int file, nuint request, nint argument);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(PollEntry* entries, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    public static partial int EventFd(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int file, void* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int file, void* buffer, nuint count);

    // Variadic in C; on both processors the arguments of such a call travel in the same registers.
    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Syscall(nint number, nint a, nint b, nint c, nint d, nint e, nint f);
}

/// <summary>struct pollfd.</summary>
internal struct PollEntry
{
    public int File;
    public short Events;
    public short Returned;
}
