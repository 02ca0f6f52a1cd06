using Virtap.Bpf.Programs;

namespace Virtap.Bpf.Links;

/// <summary>
/// A program on any number of places of one file, whichever way it was loaded for: one <see cref="UprobeMultiLink"/>, or a
/// <see cref="PerfEventUprobeLink"/> for each place.
/// </summary>
public sealed class Uprobes : IDisposable
{
    private readonly List<BpfLink> _links = [];

    private Uprobes()
    {
    }

    /// <summary>The links, in order of place.</summary>
    public IReadOnlyList<BpfLink> Links => _links;

    /// <summary>Attaches to all places or, where one is refused, to none.</summary>
    /// <param name="program">A user-space probe.</param>
    /// <param name="path">The file.</param>
    /// <param name="places">Where.</param>
    /// <param name="pid">A process to confine it to, or 0 for all; see <see cref="UprobeMultiLink.Attach"/>.</param>
    /// <param name="atReturn">Fires at the return of the functions at those places.</param>
    /// <exception cref="Kernel.BpfException">Refused.</exception>
    public static Uprobes Attach(BpfProgram program, string path, ReadOnlySpan<UprobePlace> places, int pid = 0, bool atReturn = false)
    {
        var uprobes = new Uprobes();
        try
        {
            if (program.Attachment == UprobeAttachment.Multi)
            {
                uprobes._links.Add(UprobeMultiLink.Attach(program, path, places, pid, atReturn));
                return uprobes;
            }

            foreach (UprobePlace place in places)
                uprobes._links.Add(PerfEventUprobeLink.Attach(program, path, place, pid, atReturn));
            return uprobes;
        }
        catch
        {
            uprobes.Dispose();
            throw;
        }
    }

    /// <summary>Detaches from all places.</summary>
    public void Dispose()
    {
        foreach (BpfLink link in _links)
            link.Dispose();
    }
}
