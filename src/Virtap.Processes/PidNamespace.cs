using Virtap.Processes.Files;

namespace Virtap.Processes;

/// <summary>
/// The namespace that this process's ids are of. What a container without the host's ids has is another than the kernel's first.
/// </summary>
public static class PidNamespace
{
    // PROC_PID_INIT_INO of linux/proc_ns.h.
    private const ulong First = 0xeffffffc;

    /// <summary>The end of a refusal: why what only the kernel's own ids could answer is not to be had, and what to do.</summary>
    public const string NotSupported =
        "not supported within a PID namespace (a container without the host's): run virtap with the host's, as docker run --pid=host does";

    /// <summary>
    /// Its device and inode, as <c>bpf_get_ns_current_pid_tgid</c> wants them; null for the kernel's first, whose ids are those that the
    /// kernel itself speaks of.
    /// </summary>
    public static FileIdentity? Own { get; } = FileIdentity.Of("/proc/self/ns/pid") is { Inode: not First } own ? own : null;
}
