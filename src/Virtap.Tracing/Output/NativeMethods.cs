using System.Runtime.InteropServices;

namespace Virtap.Tracing.Output;

/// <summary>
/// write(2) and poll(2) themselves: the stream of the console hides that nobody reads a pipe any more, and a file stream writes at an offset of its own, so that what
/// the shell has sent to the same file before or after is overwritten.
/// </summary>
internal static unsafe partial class NativeMethods
{
    public const int Interrupted = 4;
    public const int TryAgain = 11;
    public const short PollOut = 4;

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int file, byte* bytes, nuint count);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(PollEntry* entries, nuint count, int milliseconds);
}

/// <summary>struct pollfd.</summary>
internal struct PollEntry
{
    public int File;
    public short Events;
    public short Returned;
}
