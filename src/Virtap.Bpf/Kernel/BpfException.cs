using System.Runtime.InteropServices;
using Virtap.Interop;

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
    internal static BpfException FromLastError(string operation) => FromError(operation, Errno.Last);

    /// <summary>From an errno, with the verifier's last words if there are any: why it refuses.</summary>
    internal static BpfException FromError(string operation, int error, string verifierLog = "")
    {
        string message = $"{operation}: {Errno.Text(error)} (errno {error})";
        if (verifierLog.Length > 0)
            message += ": " + LastLine(verifierLog);
        else if (error is Errno.NotPermitted or Errno.AccessDenied)
            // Which of the calls came first says nothing to who may make none of them.
            message = (Privileges.Suffice ? message : "the kernel does not let you trace") + ": " + Privileges.Explain();
        return new BpfException(message, error, verifierLog);
    }

    // The statistics at the end of the log say nothing about the refusal.
    private static string LastLine(string log) =>
        log.Split('\n').LastOrDefault(line => line.Length > 0 && !line.StartsWith("processed ", StringComparison.Ordinal), "");
}
