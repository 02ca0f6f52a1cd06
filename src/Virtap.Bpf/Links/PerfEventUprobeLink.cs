using System.Text;
using Virtap.Bpf.Kernel;
using Virtap.Bpf.Programs;

namespace Virtap.Bpf.Links;

/// <summary>
/// A program on one place of a file, through the uprobe PMU (4.17): the way before kernel 6.6. The event's format is read from
/// <c>/sys/bus/event_source/devices/uprobe</c>, so neither tracefs nor a probe name is needed and nothing outlives the process.
/// </summary>
public sealed unsafe class PerfEventUprobeLink : PerfEventLink
{
    private PerfEventUprobeLink(UprobeHandle perfEvent, BpfProgram program, ulong cookie, string operation)
        : base(perfEvent, program, cookie, operation)
    {
    }

    /// <summary>Attaches.</summary>
    /// <param name="program">A user-space probe loaded for <see cref="UprobeAttachment.PerfEvent"/>.</param>
    /// <param name="path">The file.</param>
    /// <param name="point">Where. A cookie needs 5.15, a counter 4.20.</param>
    /// <param name="pid">A process to confine it to, all its threads; null for all.</param>
    /// <param name="atReturn">Fires at the return of the function at that place.</param>
    /// <exception cref="BpfException">Refused, or the kernel has no uprobe PMU.</exception>
    public static PerfEventUprobeLink Attach(
        BpfProgram program, string path, UprobeAttachPoint point, int? pid = null, bool atReturn = false)
    {
        string operation = $"attaching program '{program.Spec.Name}' to offset 0x{point.Offset:x} of {path}";
        UprobePmu pmu = UprobePmu.Current
            ?? throw new BpfException(
                $"{operation}: this kernel has no uprobe PMU ({UprobePmu.Directory}; kernel 4.17 with CONFIG_UPROBE_EVENTS)");
        if (point.CounterOffset != 0 && !pmu.HasCounters)
            throw new BpfException($"{operation}: the probe has a semaphore, which this kernel cannot count (4.20)");
        fixed (byte* p = Encoding.UTF8.GetBytes(path + "\0"))
        {
            var attributes = new PerfEventAttributes
            {
                Type = pmu.Type,
                Config = (atReturn ? 1ul << pmu.ReturnBit : 0) | (pmu.HasCounters ? point.CounterOffset << pmu.CounterShift : 0),
                Config1 = (ulong)p,
                Config2 = point.Offset,
            };
            // For all processes the event is bound to one processor, but the probe and with it the program fire on every one.
            nint result = OutsideTask.CallToTheEnd(Opening(&attributes, pid ?? -1, pid is null ? 0 : -1));
            return result >= 0
                ? new PerfEventUprobeLink(new UprobeHandle(result), program, point.Cookie, operation)
                : throw BpfException.FromError(operation, (int)-result);
        }
    }
}
