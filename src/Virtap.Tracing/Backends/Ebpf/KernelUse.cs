using Virtap.Bpf.Features;

namespace Virtap.Tracing.Backends.Ebpf;

/// <summary>What a session of eBPF programs uses of what this kernel offers.</summary>
/// <param name="IsOneLink">Whether one link has all sites of a probe; otherwise each has a perf event.</param>
/// <param name="UprobeMulti">What such a link takes. It may be there and not be used, where it cannot be confined to a process.</param>
/// <param name="Features">What else programs use where it is there.</param>
/// <param name="SharedBytes">Memory that programs and the session share.</param>
/// <param name="RingBytes">The ring that output is sent through.</param>
public sealed record KernelUse(
    bool IsOneLink, KernelFeature UprobeMulti, IReadOnlyList<KernelFeature> Features, long SharedBytes, long RingBytes) : BackendUse;
