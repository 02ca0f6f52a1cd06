using System.Runtime.InteropServices;
using Virtap.Bpf.Kernel;
using Virtap.Bpf.Links;
using Virtap.Bpf.Maps;
using Virtap.Bpf.Programs;
using Virtap.Bpf.Specs;

namespace Virtap.Tracing.Backends.InProcess.Processes;

/// <summary>Hears of every fork, exec and exit on the machine through the kernel's trace points, while it is attached.</summary>
internal sealed class ProcessWatch : IDisposable
{
    private const uint RingBytes = 1 << 18;

    private readonly RingBufferReader _ring = RingBufferReader.Create(MapSpec.Ring(ProcessPrograms.Ring, RingBytes));
    private readonly List<(BpfProgram Program, string Tracepoint)> _programs = [];
    private readonly List<BpfLink> _links = [];

    /// <summary>Loads the programs.</summary>
    /// <exception cref="BpfException">Refused.</exception>
    public ProcessWatch()
    {
        try
        {
            Load(ProcessPrograms.Fork(), "sched_process_fork");
            Load(ProcessPrograms.Exec(), "sched_process_exec");
            Load(ProcessPrograms.Exit(), "sched_process_exit");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>A descriptor that is readable when there are records.</summary>
    public SafeHandle Handle => _ring.Map.Handle;

    /// <summary>Starts to hear.</summary>
    /// <exception cref="BpfException">Refused.</exception>
    public void Attach()
    {
        foreach ((BpfProgram program, string tracepoint) in _programs)
            _links.Add(RawTracepointLink.Attach(program, tracepoint));
    }

    /// <summary>Hears no more; what came before can still be read.</summary>
    public void Detach()
    {
        foreach (BpfLink link in _links)
            link.Dispose();
        _links.Clear();
    }

    /// <summary>The next record, if there is one.</summary>
    public bool TryRead(out ProcessRecord record)
    {
        record = default;
        return _ring.TryRead(out ReadOnlySpan<byte> bytes) && MemoryMarshal.TryRead(bytes, out record);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Detach();
        foreach ((BpfProgram program, _) in _programs)
            program.Dispose();
        _ring.Dispose();
    }

    private void Load(ProgramSpec spec, string tracepoint) => _programs.Add((BpfProgram.Load(spec, [_ring.Map]), tracepoint));
}
