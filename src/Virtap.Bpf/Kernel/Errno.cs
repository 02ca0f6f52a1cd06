namespace Virtap.Bpf.Kernel;

/// <summary>The error numbers this room distinguishes; the same on x86-64 and arm64.</summary>
internal static class Errno
{
    public const int NotPermitted = 1;
    public const int NoEntry = 2;
    public const int Interrupted = 4;
    public const int TooBig = 7;
    public const int TryAgain = 11;
    public const int NoMemory = 12;
    public const int AccessDenied = 13;
    public const int Invalid = 22;
    public const int NoSpace = 28;

    /// <summary>ENOTSUPP, which is the kernel's own and has no text in the C library.</summary>
    public const int NotSupported = 524;
}
