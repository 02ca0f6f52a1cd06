using Virtap.Interop;

namespace Virtap.Cli.Run;

/// <summary>A limit of setrlimit(2) that --rlimit-* sets; the numbers are the kernel's.</summary>
internal enum ResourceKind
{
    Cpu = 0,
    Fsize = 1,
    Stack = 3,
    Nproc = 6,
}

/// <summary>Limits of this process and of the commands that it starts.</summary>
internal static unsafe class ResourceLimit
{
    /// <summary>Sets a limit, soft and hard.</summary>
    /// <returns>Why it could not be set, in stap's words; null where it was.</returns>
    public static string? Set(ResourceKind kind, ulong limit)
    {
        ulong* both = stackalloc ulong[] { limit, limit };
        return Libc.SetLimit((int)kind, both) == 0
            ? null : $"Unable to set resource limits for rlimit-{kind.ToString().ToLowerInvariant()} : {Errno.Text(Errno.Last)}";
    }
}
