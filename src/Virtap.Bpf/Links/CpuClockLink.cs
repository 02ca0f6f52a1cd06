using Microsoft.Win32.SafeHandles;
using Virtap.Bpf.Kernel;
using Virtap.Bpf.Programs;

namespace Virtap.Bpf.Links;

/// <summary>A program run on one processor at a fixed rate, by the kernel's software CPU clock (4.9).</summary>
public sealed class CpuClockLink : PerfEventLink
{
    private CpuClockLink(SafeFileHandle perfEvent, BpfProgram program, string operation)
        : base(perfEvent, program, 0, operation)
    {
    }

    /// <summary>Attaches.</summary>
    /// <param name="program">A program of kind <see cref="Specs.BpfProgramKind.PerfEvent"/>.</param>
    /// <param name="processor">The processor.</param>
    /// <param name="hertz">How often it runs, per second; the kernel keeps to kernel.perf_event_max_sample_rate.</param>
    /// <exception cref="BpfException">Refused.</exception>
    public static CpuClockLink Attach(BpfProgram program, int processor, uint hertz)
    {
        const uint TypeSoftware = 1;
        const ulong ByFrequency = 1 << 10;
        string operation = $"attaching program '{program.Spec.Name}' to the clock of processor {processor}";
        var attributes = new PerfEventAttributes { Type = TypeSoftware, SamplePeriodOrFrequency = hertz, Bits = ByFrequency };
        return new CpuClockLink(Open(ref attributes, -1, processor, operation), program, operation);
    }
}
