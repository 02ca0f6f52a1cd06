using System.Globalization;
using System.Runtime.InteropServices;
using Virtap.Bpf.Kernel;
using Virtap.Bpf.Programs;
using Virtap.Interop;

namespace Virtap.Bpf.Links;

/// <summary>A program run on one processor whenever a perf event has come so often (4.9): clocks, faults, switches, counters.</summary>
public sealed class SampleLink : PerfEventLink
{
    private SampleLink(SafeHandle perfEvent, BpfProgram program, string operation)
        : base(perfEvent, program, 0, operation)
    {
    }

    /// <summary>Attaches on every processor that is online.</summary>
    /// <param name="program">A program of kind <see cref="Specs.BpfProgramKind.PerfEvent"/>.</param>
    /// <param name="type">PERF_TYPE_*.</param>
    /// <param name="config">Which event of the type.</param>
    /// <param name="sampling">Runs after so many events, or so often a second, which the kernel limits
    /// (kernel.perf_event_max_sample_rate).</param>
    /// <param name="isFrequency">How <paramref name="sampling"/> is meant.</param>
    /// <exception cref="BpfException">Refused; ENOENT or ENODEV where this machine's counters have no such event.</exception>
    public static IReadOnlyList<SampleLink> AttachAll(BpfProgram program, uint type, ulong config, ulong sampling, bool isFrequency)
    {
        var links = new List<SampleLink>();
        try
        {
            foreach (int processor in Online())
                links.Add(Attach(program, type, config, sampling, isFrequency, processor));
            return links;
        }
        catch
        {
            links.ForEach(each => each.Dispose());
            throw;
        }
    }

    /// <summary>Attaches on one processor; see <see cref="AttachAll"/>.</summary>
    /// <exception cref="BpfException">Refused.</exception>
    public static unsafe SampleLink Attach(
        BpfProgram program, uint type, ulong config, ulong sampling, bool isFrequency, int processor)
    {
        const ulong ByFrequency = 1 << 10;
        string operation = $"attaching program '{program.Spec.Name}' to perf event {type}:{config} on processor {processor}";
        var attributes = new PerfEventAttributes
        {
            Type = type,
            Config = config,
            SamplePeriodOrFrequency = sampling,
            Bits = isFrequency ? ByFrequency : 0,
        };
        SystemCall opening = Opening(&attributes, -1, processor);
        opening.Make();
        return opening.Result >= 0
            ? new SampleLink(BpfSyscall.Own(opening.Result), program, operation)
            : throw BpfException.FromError(operation + Hint((int)-opening.Result), (int)-opening.Result);
    }

    internal static string Hint(int error) =>
        error is Errno.NoEntry or Errno.NoDevice or Errno.OperationNotSupported ? " (this machine's processor counts no such event)" : "";

    /// <summary>The processors that are online: ranges with commas between them, <c>0-3,8</c>.</summary>
    internal static IEnumerable<int> Online()
    {
        foreach (string range in File.ReadAllText("/sys/devices/system/cpu/online").Trim().Split(','))
        {
            string[] ends = range.Split('-');
            int first = int.Parse(ends[0], CultureInfo.InvariantCulture), last = int.Parse(ends[^1], CultureInfo.InvariantCulture);
            for (int processor = first; processor <= last; processor++)
                yield return processor;
        }
    }
}
