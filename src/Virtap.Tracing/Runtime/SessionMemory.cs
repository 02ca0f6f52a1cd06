using Virtap.Bpf.Maps;
using Virtap.Bpf.Specs;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Runtime;

/// <summary>
/// A session's flat memory, as its program wants it at the start: shared with programs in the kernel, or this process's own where there
/// are none.
/// </summary>
internal sealed unsafe class SessionMemory : IDisposable
{
    private readonly MemoryLayout _layout;
    private readonly SharedMemoryMap? _shared;
    private readonly PrivateMemory? _private;

    /// <summary>Makes it.</summary>
    /// <param name="program">The program whose it is.</param>
    /// <param name="map">The map to make of it; null for private memory.</param>
    /// <exception cref="Bpf.Kernel.BpfException">The kernel refused.</exception>
    public SessionMemory(LoweredProgram program, MapSpec? map)
    {
        _layout = program.Layout;
        if (map is not null)
        {
            _shared = SharedMemoryMap.Create(map);
            View = new FlatMemory(_shared.Address, program.Layout);
        }
        else
        {
            _private = new PrivateMemory(program.Layout);
            View = _private.View;
        }

        View.Initialize(program.Initial);
    }

    /// <summary>The bytes; not to be used after disposal.</summary>
    public FlatMemory View { get; }

    /// <summary>The map; null for private memory.</summary>
    public BpfMap? Map => _shared?.Map;

    /// <summary>The process of target(); null where there is none, which scripts see as 0.</summary>
    public int? TargetProcess => View.Word(SessionCells.Target) is > 0 and var id ? (int)id : null;

    /// <summary>What the session is doing.</summary>
    public SessionState State => (SessionState)Volatile.Read(ref View.Word(SessionCells.State));

    /// <summary>Whether a handler is under way in some target.</summary>
    public bool HasRunningHandlers
    {
        get
        {
            for (int cpu = 0; cpu < _layout.CpuCount; cpu++)
            {
                if (Volatile.Read(ref View.Word(_layout.ClaimsOffset + (cpu * 64L))) != 0)
                    return true;
            }

            return false;
        }
    }

    /// <summary>Goes on to another state, unless the session has left this one meanwhile.</summary>
    /// <returns>Whether it did.</returns>
    public bool TryAdvance(SessionState from, SessionState to) =>
        Interlocked.CompareExchange(ref View.Word(SessionCells.State), (long)to, (long)from) == (long)from;

    /// <inheritdoc/>
    public void Dispose()
    {
        _shared?.Dispose();
        _private?.Dispose();
    }
}
