using Virtap.Bpf.Kernel;

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
