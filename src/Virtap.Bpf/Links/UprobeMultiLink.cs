using System.Text;
using Virtap.Bpf.Kernel;
using Virtap.Bpf.Programs;
using Virtap.Interop;

namespace Virtap.Bpf.Links;

/// <summary>One program on many places of one file (BPF_TRACE_UPROBE_MULTI, 6.6): tens of thousands in a fraction of a second.</summary>
public sealed unsafe class UprobeMultiLink : BpfLink
{
    private const uint AttachUprobeMulti = 48;
    private const uint FlagReturn = 1;

    private readonly UprobeHandle _handle;

    private UprobeMultiLink(UprobeHandle handle)
        : base(handle) => _handle = handle;

    /// <summary>Attaches.</summary>
    /// <param name="program">A user-space probe loaded for <see cref="UprobeAttachment.Multi"/>.</param>
    /// <param name="path">
    /// The file; <c>/proc/PID/exe</c> and <c>/proc/PID/map_files/…</c> reach into containers and deleted files.
    /// </param>
    /// <param name="points">Where; at most about a million.</param>
    /// <param name="pid">
    /// A process to confine it to; null for all. Kernels before 6.10 (unless fixed in a stable release) take only the hits
    /// of the thread with that id, not of the process; to be safe there, compare the process id in the program.
    /// </param>
    /// <param name="atReturn">Fires at the return of the functions at those places.</param>
    /// <exception cref="BpfException">Refused; EINVAL where the kernel is older than 6.6 or another tracer holds a
    /// place with another semaphore, ENOTSUPP where an instruction cannot be probed, ENOENT or EBADF for a bad path, ESRCH
    /// for a bad process.</exception>
    public static UprobeMultiLink Attach(
        BpfProgram program, string path, ReadOnlySpan<UprobeAttachPoint> points, int? pid = null, bool atReturn = false)
    {
        ulong[] offsets = new ulong[points.Length], counters = new ulong[points.Length], cookies = new ulong[points.Length];
        bool hasCounters = false;
        for (int n = 0; n < points.Length; n++)
        {
            (offsets[n], counters[n], cookies[n]) = (points[n].Offset, points[n].CounterOffset, points[n].Cookie);
            hasCounters |= counters[n] != 0;
        }

        fixed (byte* p = Encoding.UTF8.GetBytes(path + "\0"))
        fixed (ulong* o = offsets, r = counters, c = cookies)
        {
            var attributes = new UprobeMultiLinkAttributes
            {
                Program = program.Descriptor,
                AttachType = AttachUprobeMulti,
                Path = (ulong)p,
                Offsets = (ulong)o,
                CounterOffsets = hasCounters ? (ulong)r : 0,
                Cookies = (ulong)c,
                Count = (uint)points.Length,
                Flags = atReturn ? FlagReturn : 0,
                Pid = (uint)(pid ?? 0),
            };
            int result = BpfSyscall.TryOutside(BpfCommand.LinkCreate, ref attributes);
            return result >= 0
                ? new UprobeMultiLink(new UprobeHandle(result))
                : throw BpfException.FromError(
                    $"attaching program '{program.Spec.Name}' to {points.Length} place(s) of {path}{Hint(-result)}", -result);
        }
    }

    /// <summary>Gives up the descriptor of a link that is held in another way too; it stays attached.</summary>
    internal void LetGo() => _handle.CloseShared();

    private static string Hint(int error) => error switch
    {
        Errno.Invalid => " (the kernel is older than 6.6, or another tracer holds one of the places with another semaphore)",
        Errno.NotSupported => " (one of the instructions cannot be probed)",
        _ => "",
    };
}
