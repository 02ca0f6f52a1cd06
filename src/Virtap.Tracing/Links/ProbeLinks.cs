using Virtap.Bpf.Kernel;
using Virtap.Bpf.Links;
using Virtap.Bpf.Programs;
using Virtap.Language.Binding.Targets;
using Virtap.Processes;
using Virtap.Processes.Access;
using Virtap.Tracing.Probes;

namespace Virtap.Tracing.Links;

/// <summary>
/// The links of a session's programs to places in code: one for each file that a program probes where the kernel has links
/// for many places (6.6), else a perf event for each place. A place that the kernel refuses does not cost the others: the
/// link is cut in two until it is found.
/// </summary>
internal sealed class ProbeLinks : IDisposable
{
    private const int MaxThreads = 32;
    private const int ThreadStackBytes = 1 << 16;

    private readonly List<BpfLink> _links = [];
    private readonly List<AttachFailure> _failures = [];
    private LinkPins? _pins;

    /// <summary>Links made.</summary>
    public int Count { get; private set; }

    /// <summary>Whether the kernel takes some of the links apart in its own time, after <see cref="Dispose"/>.</summary>
    public bool ArePinned => _pins is not null;

    /// <summary>Places probed.</summary>
    public int Sites { get; private set; }

    /// <summary>Places refused.</summary>
    public IReadOnlyList<AttachFailure> Failures => _failures;

    /// <summary>
    /// Attaches a program to those of its handler's targets that are places in code; the index of a target is its cookie.
    /// </summary>
    /// <param name="program">The program.</param>
    /// <param name="targets">The handler's targets.</param>
    /// <param name="target">The process that is the session's target; null for none.</param>
    /// <exception cref="BpfException">The kernel has no such event, or refused.</exception>
    public void Attach(BpfProgram program, IReadOnlyList<ProbeTarget> targets, int? target = null)
    {
        if (targets is [HandledTarget { Hook: { } hook } hooked, ..])
        {
            Attach(program, hook, hooked, target);
            Sites += targets.Count;
            return;
        }

        foreach (((ProbedBinary binary, int? process, bool atReturn), List<(CodeTarget Target, int Site)> group) in Groups(targets))
            Attach(program, binary, process, atReturn, group.ToArray());
    }

    /// <summary>
    /// Attaches a program where functions begin whose returns the kernel catches for a handler. It is no probe of the script's, and what
    /// is refused there the handler's own link tells.
    /// </summary>
    public void AttachGuard(BpfProgram guard, IReadOnlyList<ProbeTarget> targets)
    {
        (int count, int sites, int failures) = (Count, Sites, _failures.Count);
        foreach (((ProbedBinary binary, int? process, bool byReturnAddress), List<(CodeTarget Target, int Site)> group) in Groups(targets))
        {
            if (byReturnAddress)
                Attach(guard, binary, process, atReturn: false, group.ToArray());
        }

        (Count, Sites) = (count, sites);
        _failures.RemoveRange(failures, _failures.Count - failures);
    }

    private static Dictionary<(ProbedBinary Binary, int? Process, bool AtReturn), List<(CodeTarget Target, int Site)>> Groups(
        IReadOnlyList<ProbeTarget> targets)
    {
        var groups = new Dictionary<(ProbedBinary Binary, int? Process, bool AtReturn), List<(CodeTarget Target, int Site)>>();
        for (int site = 0; site < targets.Count; site++)
        {
            if (targets[site] is not CodeTarget target)
                continue;
            var key = (target.Binary, target.Process, target.ByReturnAddress);
            if (!groups.TryGetValue(key, out List<(CodeTarget, int)>? group))
                groups.Add(key, group = []);
            group.Add((target, site));
        }

        return groups;
    }

    /// <summary>
    /// Detaches everything. Pinned links are let go and the kernel does the rest. A link that is held by a descriptor it
    /// lets go of only when no processor can be in its program any more, which takes tens of milliseconds in which the
    /// caller sleeps: so many go at once, each on a thread.
    /// </summary>
    public void Dispose()
    {
        _pins?.Dispose();
        int next = _links.Count;
        var threads = new Thread[Math.Min(_links.Count, MaxThreads)];
        for (int i = 0; i < threads.Length; i++)
        {
            threads[i] = new Thread(DisposeSome, ThreadStackBytes);
            threads[i].Start();
        }

        foreach (Thread thread in threads)
            thread.Join();
        _links.Clear();

        void DisposeSome()
        {
            for (int i = Interlocked.Decrement(ref next); i >= 0; i = Interlocked.Decrement(ref next))
                _links[i].Dispose();
        }
    }

    private void Attach(BpfProgram program, KernelHook hook, ProbeTarget probe, int? target)
    {
        int before = _links.Count;
        try
        {
            if (hook is TracepointHook tracepoint)
                _links.Add(RawTracepointLink.Attach(program, tracepoint.Name));
            else if (hook is PerfEventHook sample)
                _links.AddRange(SampleLink.AttachAll(program, sample.Type, sample.Config, sample.Sampling, sample.IsFrequency));
            else if (hook is WatchpointHook watched)
                _links.AddRange(Watch(program, watched, target));
        }
        catch (BpfException e)
        {
            throw new BpfException($"probe {probe.Point} registration error [man warning::pass5] (rc {-e.Error}): {e.Message}");
        }

        Count += _links.Count - before;
    }

    private static IReadOnlyList<WatchpointLink> Watch(BpfProgram program, WatchpointHook hook, int? target)
    {
        if ((hook.Process ?? target) is not int id || LiveProcess.Find(id) is not { } process)
            throw new BpfException("the process whose memory is to be watched has ended");
        ulong address = hook.Address + (hook.LinkedIn is { } binary ? BiasOf(binary, process) : 0);
        return WatchpointLink.AttachAll(
            program, () => [.. process.Threads().Select(static thread => thread.Id)], address, hook.Length, hook.AlsoRead);
    }

    private static ulong BiasOf(ProbedBinary binary, LiveProcess process)
    {
        try
        {
            if (process.Executable == binary.File.Identity && process.LoadBias(binary.Elf) is ulong bias)
                return bias;
        }
        catch (ProcessException e)
        {
            throw new BpfException(e.Message, e);
        }

        throw new BpfException($"process {process.Id} runs {process.ExecutableName ?? "another program"}, and not {binary.Path}");
    }

    private void Attach(
        BpfProgram program, ProbedBinary binary, int? process, bool atReturn, ReadOnlySpan<(CodeTarget Target, int Site)> group)
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
            if (program.Attachment == UprobeAttachment.Multi)
                Hold(UprobeMultiLink.Attach(program, path, AttachPoints(group), process, atReturn));
            else
                _links.Add(PerfEventUprobeLink.Attach(program, path, AttachPoints(group)[0], process, atReturn));
            Count++;
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

    private void Hold(UprobeMultiLink link)
    {
        _pins ??= LinkPins.TryCreate();
        if (_pins?.TryTake(link) != true)
            _links.Add(link);
    }

    private static UprobeAttachPoint[] AttachPoints(ReadOnlySpan<(CodeTarget Target, int Site)> group)
    {
        var points = new UprobeAttachPoint[group.Length];
        for (int i = 0; i < points.Length; i++)
            points[i] = group[i].Target.AttachPoint((ulong)group[i].Site);
        return points;
    }
}
