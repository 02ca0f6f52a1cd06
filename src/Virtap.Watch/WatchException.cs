using Virtap.Bpf.Kernel;
using Virtap.Tracing.Session;

namespace Virtap.Watch;

/// <summary>Something cannot be watched; the message says why.</summary>
public class WatchException : Exception
{
    public WatchException()
    {
    }

    public WatchException(string message)
        : base(message)
    {
    }

    public WatchException(string message, Exception inner)
        : base(message, inner)
    {
    }
}

/// <summary>A script of Virtap's own was ended by an error.</summary>
/// <param name="errors">What it said.</param>
/// <param name="result">How it ended.</param>
public sealed class ScriptFailedException(string errors, SessionResult result) : WatchException(errors)
{
    public SessionResult Result { get; } = result;
}

/// <summary>Events are counted by eBPF probes, which takes privilege that this process has not; the message says which.</summary>
public sealed class NoPrivilegeException : WatchException
{
    public NoPrivilegeException()
        : base(Privileges.Explain())
    {
    }

    public NoPrivilegeException(string message)
        : base(message)
    {
    }

    public NoPrivilegeException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
