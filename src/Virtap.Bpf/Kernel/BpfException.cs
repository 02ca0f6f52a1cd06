using System.Runtime.InteropServices;

namespace Virtap.Bpf.Kernel;

/// <summary>The kernel refused something. The message says what was asked, the error, and what to do where that is known.</summary>
public sealed class BpfException : Exception
{
    /// <summary>Creates the exception.</summary>
    public BpfException()
        : this("eBPF operation failed")
    {
    }

    /// <summary>Creates the exception with a message.</summary>
    public BpfException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and a cause.</summary>
    public BpfException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    private BpfException(string message, int error, string verifierLog)
        : base(message)
    {
        Error = error;
        VerifierLog = verifierLog;
    }

    /// <summary>The errno, or 0 where no system call failed.</summary>
    public int Error { get; }

    /// <summary>The verifier's whole log where a program was refused; else empty.</summary>
    public string VerifierLog { get; } = "";

    /// <summary>Whether the kernel refused for lack of privilege.</summary>
    public bool IsPermission => Error is Errno.NotPermitted or Errno.AccessDenied && VerifierLog.Length == 0;

    /// <summary>From the errno of the last native call.</summary>
    internal static BpfException FromLastError(string operation) => FromError(operation, Marshal.GetLastPInvokeError());

    /// <summary>From an errno, with the end of the verifier's log if there is one.</summary>
    internal static BpfException FromError(string operation, int error, string verifierLog = "")
    {
        string text = error == Errno.NotSupported ? "Operation is not supported" : Marshal.GetPInvokeErrorMessage(error);
        string message = $"{operation}: {text} (errno {error})";
        if (verifierLog.Length > 0)
            message += "\n" + LastLines(verifierLog, 12);
        else if (error is Errno.NotPermitted or Errno.AccessDenied)
            message += ": " + Privileges.Explain();
        return new BpfException(message, error, verifierLog);
    }

    private static string LastLines(string log, int count)
    {
        string[] lines = log.TrimEnd().Split('\n');
        // The statistics at the end of the log say nothing about the refusal.
        int end = Array.FindLastIndex(lines, l => !l.StartsWith("processed ", StringComparison.Ordinal)) + 1;
        return string.Join('\n', lines[Math.Max(0, end - count)..end]);
    }
}
