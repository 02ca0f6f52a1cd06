using Virtap.Bpf.Btf;
using Virtap.Bpf.Kernel;
using Virtap.Bpf.Links;
using Virtap.Bpf.Programs;
using Virtap.Bpf.Specs;

namespace Virtap.Bpf.Features;

/// <summary>
/// What the running kernel offers to tracing. Each feature is tried at the first question and remembered; those not asked for cost
/// nothing. Versions in text are where the feature first appeared; distributions carry some back, so the trial decides.
/// </summary>
public sealed class KernelFeatures
{
    private readonly Lazy<KernelFeature>[] _all;
    private readonly Lazy<KernelFeature> _privilege = Feature(
        "privilege to load tracing programs", "5.8 (CAP_BPF, CAP_PERFMON)", "nothing can be loaded: " + Privileges.Explain(), () =>
            Privileges.Suffice);
    private readonly Lazy<KernelFeature> _memory = Feature(
        "memory shared with programs (mmapable array)", "5.5", "none: everything else builds on it",
        () => FeatureProbes.Creates(MapSpec.Memory("probe", 4096)));
    private readonly Lazy<KernelFeature> _largeValues = Feature(
        "map values above 4 MB", "6.0", "shared memory of at most 4 MB", FeatureProbes.LargeValues);
    private readonly Lazy<KernelFeature> _memoryAccounting = Feature(
        "map memory charged to the cgroup", "5.11", "it counts against RLIMIT_MEMLOCK, which must be raised (ulimit -l)",
        () => Environment.OSVersion.Version >= new Version(5, 11));
    private readonly Lazy<KernelFeature> _ringBuffer = Feature(
        "ring buffer", "5.8", "none: needed for output", () =>
            FeatureProbes.Creates(MapSpec.Ring("probe", (uint)Environment.SystemPageSize)));
    private readonly Lazy<KernelFeature> _uprobeMulti = Feature(
        "one link for many user-space probes (uprobe_multi)", "6.6",
        "a perf event for each place: slower to attach, and hits that preempt a handler are missed (and counted)",
        FeatureProbes.UprobeMulti);
    private readonly Lazy<KernelFeature> _perfUprobe = Feature(
        "user-space probes through perf events", "4.17", "uprobe_multi only", () => UprobePmu.Current is not null);
    private readonly Lazy<KernelFeature> _attachCookie = Feature(
        "attach cookies", "5.15", "one program for each place", () => Loads(FeatureProbes.AttachCookie));
    private readonly Lazy<KernelFeature> _loop = Feature(
        "bpf_loop", "5.17", "loops are refused", () => Loads(FeatureProbes.Loop));
    private readonly Lazy<KernelFeature> _atomicFetch = Feature(
        "atomic operations that return a value", "5.12", "no lock, so handlers on several processors are not atomic", () =>
            Loads(FeatureProbes.AtomicFetch));
    private readonly Lazy<KernelFeature> _longJumps = Feature(
        "jumps beyond 32,767 instructions", "6.6", "very large handlers are refused", () => Loads(FeatureProbes.LongJump));
    private readonly Lazy<KernelFeature> _btf = Feature(
        "types of the kernel (BTF)", "5.4", "nothing that needs the layout of kernel structures or a kernel function", () =>
            File.Exists(KernelBtf.VmlinuxPath));
    private readonly Lazy<KernelFeature> _preemption = Feature(
        "switching preemption off in a program (kfunc)", "6.10",
        "a preempted handler holds the lock while others wait or are skipped (and counted)",
        () => Loads(FeatureProbes.DisablePreemption));
    private readonly Lazy<KernelFeature> _globalCalls = Feature(
        "calls of global functions with preemption off", "6.15",
        "library routines are verified wherever they are called; a probe that calls many holds the lock with preemption on",
        () => Loads(FeatureProbes.CallGlobalWithPreemptionOff));

    /// <summary>Makes a set of features nothing is known about yet.</summary>
    public KernelFeatures() => _all =
    [
        _privilege, _memory, _memoryAccounting, _largeValues, _ringBuffer, _uprobeMulti, _perfUprobe, _attachCookie, _loop,
        _atomicFetch, _longJumps, _btf, _preemption, _globalCalls,
    ];

    /// <summary>The running kernel's, shared by the whole process.</summary>
    public static KernelFeatures Current { get; } = new();

    /// <summary>CAP_BPF with CAP_PERFMON, or root.</summary>
    public KernelFeature Privilege => _privilege.Value;

    /// <summary>Flat memory shared with programs.</summary>
    public KernelFeature SharedMemory => _memory.Value;

    /// <summary>Map values above 4 MB (KMALLOC_MAX_SIZE).</summary>
    public KernelFeature LargeValues => _largeValues.Value;

    /// <summary>The largest value of an array map, in bytes; a page of it is beyond any mask.</summary>
    public uint LargestValue => LargeValues.Present ? int.MaxValue & ~4095u : 4u << 20;

    /// <summary>The ring buffer.</summary>
    public KernelFeature RingBuffer => _ringBuffer.Value;

    /// <summary>One link for many places.</summary>
    public KernelFeature UprobeMulti => _uprobeMulti.Value;

    /// <summary>bpf_get_attach_cookie.</summary>
    public KernelFeature AttachCookie => _attachCookie.Value;

    /// <summary>bpf_loop.</summary>
    public KernelFeature Loop => _loop.Value;

    /// <summary>Atomic exchange, compare-and-exchange and fetch operations.</summary>
    public KernelFeature AtomicFetch => _atomicFetch.Value;

    /// <summary>The long unconditional jump.</summary>
    public KernelFeature LongJumps => _longJumps.Value;

    /// <summary>Types of the kernel.</summary>
    public KernelFeature Btf => _btf.Value;

    /// <summary>bpf_preempt_disable and bpf_preempt_enable.</summary>
    public KernelFeature PreemptionControl => _preemption.Value;

    /// <summary>Global functions may be called while preemption is off.</summary>
    public KernelFeature GlobalCallsWithPreemptionOff => _globalCalls.Value;

    /// <summary>How a <see cref="BpfProgramKind.Uprobe"/> program is best attached here.</summary>
    public UprobeAttachment Attachment => UprobeMulti.Present ? UprobeAttachment.Multi : UprobeAttachment.PerfEvent;

    /// <summary>All features, tried now where they were not; for a report on the machine.</summary>
    public IReadOnlyList<KernelFeature> All() => [.. _all.Select(f => f.Value)];

    private static bool Loads(Action<BpfAssembler> body) => FeatureProbes.Loads(BpfProgramKind.Uprobe, body);

    private static Lazy<KernelFeature> Feature(string name, string since, string fallback, Func<bool> probe) =>
        new(() =>
        {
            try
            {
                return new KernelFeature(name, probe(), since, fallback);
            }
            catch (BpfException e) when (e.IsPermission)
            {
                return new KernelFeature(name, false, since, fallback) { IsAnswered = false };
            }
        });
}

/// <summary>Something of the kernel that eBPF tracing uses where it is there.</summary>
/// <param name="Name">What it is, in a few words.</param>
/// <param name="Present">Whether this kernel has it, found by trying it.</param>
/// <param name="Since">The kernel version that brought it.</param>
/// <param name="Fallback">What is done without it, and what that costs.</param>
public sealed record KernelFeature(string Name, bool Present, string Since, string Fallback)
{
    /// <summary>
    /// Whether the kernel answered. Where it does not let this process ask, the feature counts as absent, and need not be.
    /// </summary>
    public bool IsAnswered { get; init; } = true;
}
