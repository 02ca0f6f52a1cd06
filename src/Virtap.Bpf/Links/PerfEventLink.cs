using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Virtap.Bpf.Kernel;
using Virtap.Bpf.Programs;
using Virtap.Interop;

namespace Virtap.Bpf.Links;

/// <summary>
/// A program on an open perf event: through a link, which alone can carry a cookie (5.15), or by ioctl before that. The
/// event and the link are closed together.
/// </summary>
public abstract class PerfEventLink : BpfLink
{
    private const uint AttachPerfEvent = 41;
    private const nuint SetProgram = 0x40042408;
    private const nuint EnableEvent = 0x2400;

    private static readonly nint s_perfEventOpen = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 241 : 298;

    private readonly SafeFileHandle? _link;

    private protected PerfEventLink(SafeHandle perfEvent, BpfProgram program, ulong cookie, string operation)
        : base(perfEvent)
    {
        var attributes = new PerfEventLinkAttributes
        {
            Program = program.Descriptor,
            Target = BpfSyscall.Descriptor(perfEvent),
            AttachType = AttachPerfEvent,
            Cookie = cookie,
        };
        int result = BpfSyscall.Try(BpfCommand.LinkCreate, ref attributes);
        if (result >= 0)
        {
            _link = BpfSyscall.Own(result);
        }
        else if (result != -Errno.Invalid || cookie != 0)
        {
            perfEvent.Dispose();
            throw BpfException.FromError(operation + (cookie != 0 ? " with a cookie (kernel 5.15)" : ""), -result);
        }
        else if (Libc.Ioctl(attributes.Target, SetProgram, attributes.Program) < 0)
        {
            int error = Errno.Last;
            perfEvent.Dispose();
            throw BpfException.FromError(operation, error);
        }

        if (!TryEnable(perfEvent))
        {
            int error = Errno.Last;
            Dispose();
            throw BpfException.FromError(operation, error);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _link?.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Switches an event on.</summary>
    internal static bool TryEnable(SafeHandle perfEvent) =>
        Libc.Ioctl(BpfSyscall.Descriptor(perfEvent), EnableEvent, 0) >= 0;

    /// <summary>An event, switched off, that is yet to be opened.</summary>
    internal static unsafe SystemCall Opening(PerfEventAttributes* attributes, int pid, int cpu)
    {
        const ulong Disabled = 1;
        const int CloseOnExec = 8;
        attributes->Size = PerfEventAttributes.SizeInBytes;
        attributes->Bits |= Disabled;
        return new SystemCall(s_perfEventOpen, (nint)attributes, pid, cpu, -1, CloseOnExec);
    }
}
