using Virtap.Bpf.Features;
using Virtap.Bpf.Programs;
using Virtap.Tracing.Backends.Ebpf.Emission;

namespace Virtap.Tracing.Backends.Ebpf;

/// <summary>How handlers become programs, and how those are attached.</summary>
public sealed record EbpfOptions
{
    /// <summary>
    /// What programs may use; null for what <see cref="Features"/> says, which are asked when there is a handler to translate, and not at
    /// all where there is none.
    /// </summary>
    public EmitOptions? Emit { get; init; }

    /// <summary>MAXTRYLOCK: how often a handler tries for the lock; null for what has proved good here.</summary>
    public int? LockTries { get; init; }

    /// <summary>-s: bytes of the ring that output is sent through; rounded up to a power of two.</summary>
    public uint OutputBytes { get; init; } = 2 << 20;

    /// <summary>
    /// -x, -c: whether code is probed in the session's target and what descends from it alone, as SystemTap has it, and not in every
    /// process that runs the file.
    /// </summary>
    public bool IsConfinedToTarget { get; init; }

    /// <summary>How programs are attached to code; null for the best way that the kernel has.</summary>
    public UprobeAttachment? Attachment { get; init; }

    /// <summary>What the kernel offers.</summary>
    public KernelFeatures Features { get; init; } = KernelFeatures.Current;
}
