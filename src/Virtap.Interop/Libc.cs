using System.Runtime.InteropServices;

namespace Virtap.Interop;

/// <summary>
/// The C library's functions that Virtap calls, by what they are about. Those that fail return a negative number (or null) and leave their
/// error in <see cref="Errno.Last"/>, unless they say otherwise. Structures are laid out alike on x86-64 and arm64, in glibc and musl.
/// </summary>
internal static unsafe partial class Libc
{
    /// <summary>syscall(2). Variadic in C; on both processors the arguments of such a call travel in the same registers.</summary>
    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    public static partial nint Syscall(nint number, nint a = 0, nint b = 0, nint c = 0, nint d = 0, nint e = 0, nint f = 0);

    [LibraryImport("libc", EntryPoint = "sysconf")]
    public static partial nint SystemConfiguration(int name);

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    public static partial int ReadClock(int clock, TimeSpec* time);
}

/// <summary>struct timespec.</summary>
internal struct TimeSpec
{
    public long Seconds;
    public long Nanoseconds;
}
