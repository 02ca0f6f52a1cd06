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
    /// <param name="points">Where.</param>
    /// <param name="pid">A process to confine it to; null for all; see <see cref="UprobeMultiLink.Attach"/>.</param>
    /// <param name="atReturn">Fires at the return of the functions at those places.</param>
    /// <exception cref="Kernel.BpfException">Refused.</exception>
    public static Uprobes Attach(
        BpfProgram program, string path, ReadOnlySpan<UprobeAttachPoint> points, int? pid = null, bool atReturn = false)
    {
        var uprobes = new Uprobes();
        try
        {
            if (program.Attachment == UprobeAttachment.Multi)
            {
                uprobes._links.Add(UprobeMultiLink.Attach(program, path, points, pid, atReturn));
                return uprobes;
            }

            foreach (UprobeAttachPoint point in points)
                uprobes._links.Add(PerfEventUprobeLink.Attach(program, path, point, pid, atReturn));
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

/// <summary>A point in a file to probe: what a uprobe is attached to.</summary>
/// <param name="Offset">Bytes from the start of the file (not a virtual address).</param>
/// <param name="CounterOffset">
/// Offset in the file of the 16-bit semaphore the kernel counts up in every process while the probe is there (4.20), or 0.
/// </param>
/// <param name="Cookie">What bpf_get_attach_cookie gives the program at this place.</param>
public readonly record struct UprobeAttachPoint(ulong Offset, ulong CounterOffset = 0, ulong Cookie = 0);
