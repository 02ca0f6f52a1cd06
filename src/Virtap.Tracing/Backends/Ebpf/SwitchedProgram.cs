using Virtap.Bpf.Kernel;
using Virtap.Bpf.Programs;
using Virtap.Tracing.Links;

namespace Virtap.Tracing.Backends.Ebpf;

/// <summary>
/// The program of a probe with a condition, in place while that holds: elsewhen nothing of it is in its targets. It goes as a whole, as a
/// link may run it until the kernel has taken that apart; the next time another one is loaded, once the first is gone, so that no hit runs
/// it twice.
/// </summary>
/// <param name="first">The program, loaded and not attached yet; disposed of here.</param>
/// <param name="load">Loads it again.</param>
internal sealed class SwitchedProgram(BpfProgram first, Func<BpfProgram> load) : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    private BpfProgram? _program = first;
    private uint? _leaving;
    private ProgramInfo _past;

    /// <summary>Its links; null while it is not in place.</summary>
    public ProbeLinks? Links { get; private set; }

    /// <summary>What all of its runs came to; the id is the last program's.</summary>
    public ProgramInfo Counts => _program?.GetInfo() is { } now ? Sum(_past, now) : _past;

    /// <summary>Puts it in place, if it is not; where one before it will not go yet, another time.</summary>
    /// <param name="attach">Attaches a program.</param>
    /// <returns>Whether it was put in place just now.</returns>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public bool Arm(Action<ProbeLinks, BpfProgram> attach)
    {
        if (Links is not null || (_leaving is uint id && !KernelObjects.WaitForEnd([id], s_patience)))
            return false;
        _leaving = null;
        // It stays where the kernel refuses, so that it is not asked again and again.
        Links = new ProbeLinks();
        _program ??= load();
        attach(Links, _program);
        return true;
    }

    /// <summary>Takes it out, if it is in place.</summary>
    public void Disarm()
    {
        if (Links is null || _program is null)
            return;
        Links.Dispose();
        _past = Sum(_past, _program.GetInfo());
        _leaving = Links.ArePinned ? _past.Id : null;
        _program.Dispose();
        (_program, Links) = (null, null);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Links?.Dispose();
        _program?.Dispose();
    }

    private static ProgramInfo Sum(ProgramInfo past, ProgramInfo now) => now with
    {
        RunCount = past.RunCount + now.RunCount,
        RunTime = past.RunTime + now.RunTime,
        RecursionMisses = past.RecursionMisses + now.RecursionMisses,
    };
}
