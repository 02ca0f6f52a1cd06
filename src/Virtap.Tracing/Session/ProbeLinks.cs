using Virtap.Bpf.Kernel;
using Virtap.Bpf.Links;
using Virtap.Bpf.Programs;
using Virtap.Language.Binding;
using Virtap.Tracing.Probes;

namespace Virtap.Tracing.Session;

/// <summary>
/// The links of a session's programs to places in code: one for each file that a program probes where the kernel has links for many places (6.6), else a
/// perf event for each place. A place that the kernel refuses does not cost the others: the link is cut in two until it is found.
/// </summary>
internal sealed class ProbeLinks : IDisposable
{
    private const int MostThreads = 32;
    private const int ThreadStackBytes = 1 << 16;

    private readonly List<BpfLink> _links = [];
    private readonly List<AttachFailure> _failures = [];

    /// <summary>Links made.</summary>
    public int Count => _links.Count;

    /// <summary>Places probed.</summary>
    public int Sites { get; private set; }

    /// <summary>Places refused.</summary>
    public IReadOnlyList<AttachFailure> Failures => _failures;

    /// <summary>Attaches a program to those of its handler's targets that are places in code; the index of a target is its cookie.</summary>
    public void Attach(BpfProgram program, IReadOnlyList<ProbeTarget> targets)
    {
        var groups = new Dictionary<(ProbedBinary Binary, int Process, bool AtReturn), List<(CodeTarget Target, int Site)>>();
        for (int site = 0; site < targets.Count; site++)
        {
            if (targets[site] is not CodeTarget target)
                continue;
            var key = (target.Binary, target.Process, target.AtReturn);
            if (!groups.TryGetValue(key, out List<(CodeTarget, int)>? group))
                groups.Add(key, group = []);
            group.Add((target, site));
        }

        foreach (((ProbedBinary binary, int process, bool atReturn), List<(CodeTarget Target, int Site)> group) in groups)
            Attach(program, binary, process, atReturn, group.ToArray());
    }

    /// <summary>
    /// Detaches everything. The kernel lets go of a link only when no processor can be in its program any more, which takes tens of milliseconds in which the caller
    /// sleeps: so many links go at once, each on a thread.
    /// </summary>
    public void Dispose()
    {
        if (_links.Count == 1)
        {
            _links[0].Dispose();
        }
        else
        {
            int next = _links.Count;
            var threads = new Thread[Math.Min(_links.Count, MostThreads)];
            for (int i = 0; i < threads.Length; i++)
            {
                threads[i] = new Thread(DisposeSome, ThreadStackBytes);
                threads[i].Start();
            }

            foreach (Thread thread in threads)
                thread.Join();

            void DisposeSome()
            {
                for (int i = Interlocked.Decrement(ref next); i >= 0; i = Interlocked.Decrement(ref next))
                    _links[i].Dispose();
            }
        }

        _links.Clear();
    }

    private void Attach(BpfProgram program, ProbedBinary binary, int process, bool atReturn, ReadOnlySpan<(CodeTarget Target, int Site)> group)
    {
        if (program.Attachment == UprobeAttachment.PerfEvent && group.Length > 1)
        {
            foreach (ref readonly (CodeTarget, int) each in group)
                Attach(program, binary, process, atReturn, new ReadOnlySpan<(CodeTarget, int)>(in each));
            return;
        }

        try
        {
            string path = binary.File.OpenPath;
            _links.Add(program.Attachment == UprobeAttachment.Multi
                ? UprobeMultiLink.Attach(program, path, Places(group), process, atReturn)
                : PerfEventUprobeLink.Attach(program, path, Places(group)[0], process, atReturn));
            Sites += group.Length;
        }
        catch (BpfException e) when (group.Length == 1)
        {
            _failures.Add(new AttachFailure(group[0].Target, e.Message, e.Error));
        }
        catch (BpfException)
        {
            int half = group.Length / 2;
            Attach(program, binary, process, atReturn, group[..half]);
            Attach(program, binary, process, atReturn, group[half..]);
        }
    }

    private static UprobePlace[] Places(ReadOnlySpan<(CodeTarget Target, int Site)> group)
    {
        var places = new UprobePlace[group.Length];
        for (int i = 0; i < places.Length; i++)
            places[i] = group[i].Target.Place((ulong)group[i].Site);
        return places;
    }
}
