using Virtap.Processes.Files;

namespace Virtap.Processes;

/// <summary>The namespace that this process's ids are of. What a container without the host's ids has is another than the kernel's first.</summary>
public static class PidNamespace
{
    // PROC_PID_INIT_INO of linux/proc_ns.h.
    private const ulong First = 0xeffffffc;

    /// <summary>Its device and inode, as <c>bpf_get_ns_current_pid_tgid</c> wants them; null for the kernel's first, whose ids are those that the kernel itself speaks of.</summary>
    public static FileIdentity? Own { get; } = FileIdentity.Of("/proc/self/ns/pid") is { Inode: not First } own ? own : null;
}
