using System.Runtime.InteropServices;
using Virtap.Bpf.Kernel;
using Virtap.Bpf.Maps;
using Virtap.Bpf.Specs;
using Virtap.Interop;

namespace Virtap.Bpf.Links;

/// <summary>
/// A perf event that counts on every processor, for programs to read (<see cref="Instructions.BpfHelper.PerfEventRead"/>).
/// </summary>
public sealed class PerfCounter : IDisposable
{
    private readonly List<SafeHandle> _events = [];

    /// <summary>Opens the event on every processor that is online; it does not count yet.</summary>
    /// <param name="map">A map of type <see cref="BpfMapType.PerfEventArray"/>, with an entry for each processor that there can be.</param>
    /// <param name="type">PERF_TYPE_*.</param>
    /// <param name="config">Which event of the type.</param>
    /// <exception cref="BpfException">Refused; ENOENT or ENODEV where this machine's counters have no such event.</exception>
    public unsafe PerfCounter(BpfMap map, uint type, ulong config)
    {
        try
        {
            foreach (int processor in SampleLink.Online())
            {
                var attributes = new PerfEventAttributes { Type = type, Config = config };
                SystemCall opening = PerfEventLink.Opening(&attributes, -1, processor);
                opening.Make();
                int error = (int)-opening.Result;
                if (error > 0)
                {
                    throw BpfException.FromError(
                        $"opening perf event {type}:{config} on processor {processor}{SampleLink.Hint(error)}", error);
                }

                SafeHandle perfEvent = BpfSyscall.Own(opening.Result);
                _events.Add(perfEvent);
                map.Set(BitConverter.GetBytes(processor), BitConverter.GetBytes(BpfSyscall.Descriptor(perfEvent)));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Has it count, from zero.</summary>
    /// <exception cref="BpfException">Refused.</exception>
    public void Start()
    {
        foreach (SafeHandle perfEvent in _events)
        {
            if (!PerfEventLink.TryEnable(perfEvent))
                throw BpfException.FromLastError("starting a perf event");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _events.ForEach(static each => each.Dispose());
}
