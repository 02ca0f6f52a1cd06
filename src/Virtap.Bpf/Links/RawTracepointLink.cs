using System.Text;
using Microsoft.Win32.SafeHandles;
using Virtap.Bpf.Kernel;
using Virtap.Bpf.Programs;

namespace Virtap.Bpf.Links;

/// <summary>A program on a raw trace point of the kernel (4.17; needs no tracefs).</summary>
public sealed unsafe class RawTracepointLink : BpfLink
{
    private RawTracepointLink(SafeFileHandle handle)
        : base(handle)
    {
    }

    /// <summary>Attaches.</summary>
    /// <param name="program">A program of kind <see cref="Specs.BpfProgramKind.RawTracepoint"/>.</param>
    /// <param name="tracepoint">Its name without the group: <c>sched_process_exit</c>.</param>
    /// <exception cref="BpfException">Refused; ENOENT where the kernel has no such trace point.</exception>
    public static RawTracepointLink Attach(BpfProgram program, string tracepoint)
    {
        fixed (byte* name = Encoding.UTF8.GetBytes(tracepoint + "\0"))
        {
            var attributes = new RawTracepointAttributes { Name = (ulong)name, Program = program.Descriptor };
            return new RawTracepointLink(
                BpfSyscall.Open(BpfCommand.RawTracepointOpen, ref attributes, $"attaching to trace point {tracepoint}"));
        }
    }
}
