namespace Virtap.Processes.Kernel;

/// <summary>The error numbers this room distinguishes; the same on x86-64 and arm64.</summary>
internal static class Errno
{
    public const int NotPermitted = 1;
    public const int NoProcess = 3;
    public const int Interrupted = 4;
    public const int NotImplemented = 38;
}
