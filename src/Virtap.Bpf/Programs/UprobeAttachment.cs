namespace Virtap.Bpf.Programs;

/// <summary>How a <see cref="Specs.BpfProgramKind.Uprobe"/> program will be attached; the kernel wants to know it when the program is loaded.</summary>
public enum UprobeAttachment
{
    /// <summary>One link for many places (6.6). A handler preempted by another one does not make that one vanish.</summary>
    Multi,

    /// <summary>A perf event for each place (4.17). A hit that preempts a handler on its processor is lost and counted in the recursion misses.</summary>
    PerfEvent,
}
