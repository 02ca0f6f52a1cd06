using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Virtap.Bpf.Features;
using Virtap.Bpf.Kernel;
using Virtap.Bpf.Maps;
using Virtap.Bpf.Programs;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Leftovers;
using Virtap.Tracing.Links;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Probes;
using Virtap.Tracing.Runtime;

namespace Virtap.Tracing.Backends.Ebpf;

/// <summary>The programs of a session in the kernel, and their links.</summary>
internal sealed class EbpfHandlers : LoadedHandlers
{
    /// <summary>Records read before others get their turn.</summary>
    private const int BatchRecords = 1024;

    private static readonly TimeSpan LongestDetaching = TimeSpan.FromSeconds(10);

    // The pid filter of a link for many places took one thread for the whole process before 6.10.
    private static readonly Version s_processFilter = new(6, 10);

    private readonly EbpfCode _code;
    private readonly EbpfOptions _options;
    private readonly SessionMemory _memory;
    private readonly IRecordSink _records;
    private readonly BpfProgram[] _programs;
    private readonly SwitchedProgram?[] _switched;
    private readonly BpfProgram? _returnGuard;
    private readonly TargetTree? _tree;
    private readonly CounterPrograms? _counters;
    private readonly RingBufferReader _ring;
    private readonly ProbeLinks _links = new();
    private readonly Task<IReadOnlyList<LeftBreakpoints>> _leftovers;
    private readonly ProgramStatistics? _statistics;
    private IReadOnlyList<ProgramInfo> _counts = [];
    private uint? _guardId;

    /// <summary>Makes the ring and has the programs verified.</summary>
    /// <exception cref="BpfException">The kernel refused one; or to count for this user (CAP_SYS_ADMIN), or cannot (5.8).</exception>
    public EbpfHandlers(EbpfCode code, EbpfOptions options, SessionMemory memory, IRecordSink records, bool isTimed)
    {
        (_code, _options, _memory, _records) = (code, options, memory, records);
        _programs = new BpfProgram[code.Programs.Count];
        _switched = new SwitchedProgram?[code.Programs.Count];
        _ring = RingBufferReader.Create(code.Maps[1]);
        // While the verifier is busy: it is a matter of one processor.
        _leftovers = Task.Run(() => LeftoverCheck.Run(code.Handlers.SelectMany(h => h.Targets)));
        try
        {
            _tree = TargetTree.IsAsked(code.Handlers, _options) && _options.Features.Btf.Present ? new TargetTree() : null;
            _counters = code.Program.Counters.Count > 0 ? new CounterPrograms(code.Program.Counters) : null;
            LoadPrograms();
            _returnGuard = LoadReturnGuard();
            // The kernel counts, which makes every eBPF program of the machine a little slower while this lasts.
            _statistics = isTimed ? ProgramStatistics.Enable() : null;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public override int Sites => AllLinks.Sum(static each => each.Sites);

    public override int Links => AllLinks.Sum(static each => each.Count);

    public override IEnumerable<SafeHandle> Wakes => [_ring.Map.Handle];

    public override KernelUse Use
    {
        get
        {
            KernelFeatures features = _options.Features;
            return new KernelUse(
                Array.TrueForAll(_programs, program => program.Attachment == UprobeAttachment.Multi),
                features.UprobeMulti,
                [features.PreemptionControl, features.Loop],
                _code.Program.Layout.AddressableBytes,
                _code.Maps[1].MaxEntries);
        }
    }

    private IEnumerable<ProbeLinks> AllLinks => _switched.Select(static each => each?.Links).OfType<ProbeLinks>().Prepend(_links);

    public override void Attach(Func<LongExpression, bool> holds, Action<SessionWarning> warn)
    {
        foreach (LeftBreakpoints left in _leftovers.GetAwaiter().GetResult())
            warn(new BreakpointsWereLeft(left));

        if (_memory.TargetProcess is int target)
            _tree?.Attach(target);
        _counters?.Attach();

        foreach (int i in InOrder().Where(i => !IsWatchpoint(i)))
            Attach(i, holds);

        // A place that cannot be probed is a warning, as with SystemTap, while there are others that can.
        List<AttachFailure> failures = [.. AllLinks.SelectMany(static each => each.Failures)];
        if (failures.Count > 0 && Sites == 0)
            throw new BpfException(string.Join('\n', failures));
        failures.ForEach(failure => warn(new SiteWasRefused(failure)));
    }

    /// <summary>Whether a watchpoint is to be set, whose place is known where the target's program is.</summary>
    public override bool WatchesTarget => Enumerable.Range(0, _programs.Length).Any(IsWatchpoint);

    public override void AttachToTarget(Func<LongExpression, bool> holds)
    {
        foreach (int i in InOrder().Where(IsWatchpoint))
            Attach(i, holds);
    }

    private bool IsWatchpoint(int number) => _code.Handlers[number].Targets is [WatchpointTarget, ..];

    private void Attach(int number, Func<LongExpression, bool> holds)
    {
        if (_code.Handlers[number].ArmedWhile is null)
            Attach(_links, number, _programs[number]);
        else
            Switch(number, holds);
    }

    /// <summary>
    /// The handlers in the order in which they are put in place, so that they run in the script's. Of several breakpoints in one place the
    /// kernel runs the one that came last first, of several programs at one of its trace points the one that came first.
    /// </summary>
    private int[] InOrder()
    {
        int[] order = [.. Enumerable.Range(0, _programs.Length).Reverse()];
        IEnumerable<IGrouping<string, int>> tracepoints = Enumerable.Range(0, _programs.Length)
            .Where(i => HookOf(order[i]) is not null).GroupBy(i => HookOf(order[i])!);
        foreach (int[] places in tracepoints.Select(static group => group.ToArray()))
        {
            int[] handlers = [.. places.Select(place => order[place]).Reverse()];
            for (int n = 0; n < places.Length; n++)
                order[places[n]] = handlers[n];
        }

        return order;

        string? HookOf(int handler) =>
            _code.Handlers[handler].Targets is [HandledTarget { Hook: TracepointHook hook }, ..] ? hook.Name : null;
    }

    public override void Arm(Func<LongExpression, bool> holds, Action<SessionWarning> warn)
    {
        for (int i = _programs.Length - 1; i >= 0; i--)
        {
            if (!Switch(i, holds))
                continue;
            foreach (AttachFailure failure in _switched[i]!.Links!.Failures)
                warn(new SiteWasRefused(failure));
        }
    }

    /// <summary>Puts a probe in place or takes it out, as its condition says; nothing for one that has none.</summary>
    /// <returns>Whether it was put in place just now.</returns>
    private bool Switch(int number, Func<LongExpression, bool> holds)
    {
        if (_code.Handlers[number].ArmedWhile is not { } condition)
            return false;
        SwitchedProgram program = _switched[number] ??= new SwitchedProgram(_programs[number], () => Load(number));
        if (holds(condition))
            return program.Arm((links, loaded) => Attach(links, number, loaded));
        program.Disarm();
        return false;
    }

    private void Attach(ProbeLinks links, int number, BpfProgram program)
    {
        links.Attach(program, _code.Handlers[number].Targets, _memory.TargetProcess);
        if (_returnGuard is not null)
            links.AttachGuard(_returnGuard, _code.Handlers[number].Targets);
    }

    /// <summary>Makes text of what handlers have sent.</summary>
    public override bool Take()
    {
        for (int i = 0; i < BatchRecords; i++)
        {
            if (!_ring.TryRead(out ReadOnlySpan<byte> record))
                return false;
            _records.Write(record);
        }

        return true;
    }

    public override void Detach(Action<SessionWarning> warn)
    {
        bool arePinned = AllLinks.Any(static each => each.ArePinned);
        foreach (ProbeLinks links in AllLinks)
            links.Dispose();
        _tree?.Detach();
        _counters?.Detach();
        WaitForHandlers();
        if (_counts.Count == 0)
        {
            _counts = [.. _programs.Select((program, i) => _switched[i]?.Counts ?? program.GetInfo())];
            _guardId = _returnGuard?.GetInfo().Id;
            DisposePrograms();
        }

        if (arePinned && !KernelObjects.WaitForEnd(Ids(), LongestDetaching))
            warn(new DetachingGoesOn());
    }

    public override LossCounts AddTo(LossCounts losses) =>
        losses with { MissedByKernel = losses.MissedByKernel + _counts.Sum(c => (long)c.RecursionMisses) };

    public override HandlerTimes TimesOf(LoweredHandler handler)
    {
        for (int i = 0; i < _counts.Count; i++)
        {
            if (_code.Handlers[i] == handler)
                return new HandlerTimes((long)_counts[i].RunCount, (long)_counts[i].RunTime);
        }

        return default;
    }

    public override void Dispose()
    {
        // It reads the files that the caller closes next.
        _leftovers.Wait();
        _statistics?.Dispose();
        _links.Dispose();
        DisposePrograms();
        _tree?.Dispose();
        _counters?.Dispose();
        _ring.Dispose();
    }

    private void DisposePrograms()
    {
        foreach (SwitchedProgram? program in _switched)
            program?.Dispose();
        foreach (BpfProgram? program in _programs)
            program?.Dispose();
        _returnGuard?.Dispose();
    }

    private IEnumerable<uint> Ids() => [.. _counts.Select(static each => each.Id), .. _guardId is uint guard ? [guard] : (uint[])[]];

    /// <summary>
    /// Has the programs verified, in parallel where there are many: each keeps one processor busy for a millisecond or more.
    /// </summary>
    private void LoadPrograms()
    {
        const int Few = 4;
        if (_programs.Length <= Few)
        {
            for (int i = 0; i < _programs.Length; i++)
                _programs[i] = Load(i);
            return;
        }

        try
        {
            Parallel.For(0, _programs.Length, i => _programs[i] = Load(i));
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }

    private BpfProgram Load(int number)
    {
        IEnumerable<BpfMap> tree = _tree is null ? [] : [_tree.Map];
        BpfMap[] maps = [_memory.Map!, _ring.Map, .. tree, .. _counters?.Maps ?? []];
        return BpfProgram.Load(_code.Programs[number], maps, AttachmentOf(_code.Handlers[number]));
    }

    /// <summary>Null where no return is caught by the kernel, or where it does not show what this has to read.</summary>
    private BpfProgram? LoadReturnGuard()
    {
        LoweredHandler? handler = _code.Handlers.FirstOrDefault(each => each.Targets.Any(t => t is CodeTarget { ByReturnAddress: true }));
        return handler is null || !_options.Features.Btf.Present
            ? null : BpfProgram.Load(ProgramEmitter.EmitReturnGuard(), [_memory.Map!], AttachmentOf(handler));
    }

    private UprobeAttachment AttachmentOf(LoweredHandler handler)
    {
        if (_options.Attachment is { } wanted)
            return wanted;
        bool isConfined = handler.Targets.Any(t => t is CodeTarget { Process: not null });
        return isConfined && Environment.OSVersion.Version < s_processFilter ? UprobeAttachment.PerfEvent : _options.Features.Attachment;
    }

    /// <summary>A handler that was under way when its link went may still be printing.</summary>
    private void WaitForHandlers()
    {
        long deadline = SessionClocks.Now() + 100_000_000;
        while (_memory.HasRunningHandlers && SessionClocks.Now() < deadline)
            Thread.Yield();
    }
}
