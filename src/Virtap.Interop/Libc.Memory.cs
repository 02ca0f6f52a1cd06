using System.Runtime.InteropServices;

namespace Virtap.Interop;

/// <summary>Memory: this process's mappings and heap, and another process's bytes.</summary>
internal static unsafe partial class Libc
{
    public const int ProtectRead = 1;
    public const int ProtectWrite = 2;
    public const int MapShared = 1;
    public const int MapPrivate = 2;

    /// <summary>mmap(2); -1 on failure.</summary>
    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    public static partial void* Map(void* address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    public static partial int Unmap(void* address, nuint length);

    [LibraryImport("libc", EntryPoint = "free")]
    public static partial void Free(void* memory);

    [LibraryImport("libc", EntryPoint = "process_vm_readv", SetLastError = true)]
    public static partial nint ReadProcessMemory(
        int pid, IoVector* local, nuint localCount, IoVector* remote, nuint remoteCount, nuint flags);
}

/// <summary>struct iovec.</summary>
internal struct IoVector
{
    public nuint Base;
    public nuint Length;
}
