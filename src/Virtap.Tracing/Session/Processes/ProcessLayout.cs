using Virtap.Bpf.Btf;
using Virtap.Bpf.Kernel;

namespace Virtap.Tracing.Session.Processes;

/// <summary>Byte offsets in the kernel's structures that process events are read from.</summary>
internal sealed record ProcessLayout(int Tgid, int Pid, int Comm, int RealParent, int Memory, int Signal, int Live, int ExecutableFile, int Inode, int InodeNumber)
{
    /// <summary>The running kernel's.</summary>
    /// <exception cref="BpfException">The kernel shows no types, or they are not as they have been since 5.4.</exception>
    public static ProcessLayout OfKernel()
    {
        KernelBtf btf = KernelBtf.Vmlinux ?? throw new BpfException($"process.begin and .end need the kernel's types, which this kernel does not show ({KernelBtf.VmlinuxPath})");
        return new ProcessLayout(
            Offset(btf, "task_struct", "tgid"),
            Offset(btf, "task_struct", "pid"),
            Offset(btf, "task_struct", "comm"),
            Offset(btf, "task_struct", "real_parent"),
            Offset(btf, "task_struct", "mm"),
            Offset(btf, "task_struct", "signal"),
            Offset(btf, "signal_struct", "live"),
            Offset(btf, "mm_struct", "exe_file"),
            Offset(btf, "file", "f_inode"),
            Offset(btf, "inode", "i_ino"));
    }

    private static int Offset(KernelBtf btf, string structure, string member) => btf.FindMember(structure, member)?.Offset
        ?? throw new BpfException($"process.begin and .end need {structure}.{member}, which this kernel's types do not have");
}
