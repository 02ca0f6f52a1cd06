using System.Runtime.InteropServices;

namespace Virtap.Tracing.Evaluation;

/// <summary>Who this process is.</summary>
internal static partial class NativeMethods
{
    [LibraryImport("libc", EntryPoint = "gettid")]
    public static partial int Tid();

    [LibraryImport("libc", EntryPoint = "getppid")]
    public static partial int Ppid();

    [LibraryImport("libc", EntryPoint = "getuid")]
    public static partial uint Uid();

    [LibraryImport("libc", EntryPoint = "getgid")]
    public static partial uint Gid();

    [LibraryImport("libc", EntryPoint = "sched_getcpu")]
    public static partial int Cpu();
}
