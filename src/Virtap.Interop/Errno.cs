using System.Runtime.InteropServices;

namespace Virtap.Interop;

/// <summary>The error numbers that Virtap distinguishes (asm-generic/errno.h); the same on x86-64 and arm64.</summary>
internal static class Errno
{
    public const int NotPermitted = 1;
    public const int NoEntry = 2;
    public const int NoProcess = 3;
    public const int Interrupted = 4;
    public const int TooBig = 7;
    public const int TryAgain = 11;
    public const int NoMemory = 12;
    public const int AccessDenied = 13;
    public const int Busy = 16;
    public const int NoDevice = 19;
    public const int Invalid = 22;
    public const int TooManyFiles = 24;
    public const int NoSpace = 28;
    public const int NoSystemCall = 38;

    /// <summary>EOPNOTSUPP.</summary>
    public const int OperationNotSupported = 95;

    /// <summary>ENOTSUPP, which is the kernel's own and has no text in the C library.</summary>
    public const int NotSupported = 524;

    /// <summary>The error of the last call of <see cref="Libc"/> on this thread that failed.</summary>
    public static int Last => Marshal.GetLastPInvokeError();

    /// <summary>An error's text: "No such process".</summary>
    public static string Text(int error) => error == NotSupported ? "Operation is not supported" : Marshal.GetPInvokeErrorMessage(error);
}
