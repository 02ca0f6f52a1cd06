using Virtap.Bpf.Features;
using Virtap.Tracing.Leftovers;
using Virtap.Tracing.Links;

namespace Virtap.Tracing.Backends;

/// <summary>
/// Something that went otherwise than it was asked for and does not end the session. Whoever shows it has the words.
/// </summary>
public abstract record SessionWarning;

/// <summary>An earlier tracer has left breakpoints in a process that is probed now.</summary>
public sealed record BreakpointsWereLeft(LeftBreakpoints Left) : SessionWarning;

/// <summary>A site could not be probed; others could.</summary>
public sealed record SiteWasRefused(AttachFailure Failure) : SessionWarning;

/// <summary>A probe's condition came to hold, and the kernel refused the probe.</summary>
/// <param name="Reason">Why, in a sentence.</param>
public sealed record ProbeWasNotArmed(string Reason) : SessionWarning;

/// <summary>When the session stopped waiting, the kernel still had probes to take out of their targets. It goes on doing so.</summary>
public sealed record DetachingGoesOn : SessionWarning;

/// <summary>What a session of eBPF programs uses of what this kernel offers.</summary>
/// <param name="IsOneLink">Whether one link has all sites of a probe; otherwise each has a perf event.</param>
/// <param name="UprobeMulti">What such a link takes. It may be there and not be used, where it cannot be confined to a process.</param>
/// <param name="Features">What else programs use where it is there.</param>
/// <param name="SharedBytes">Memory that programs and the session share.</param>
/// <param name="RingBytes">The ring that output is sent through.</param>
public sealed record KernelUse(
    bool IsOneLink, KernelFeature UprobeMulti, IReadOnlyList<KernelFeature> Features, long SharedBytes, long RingBytes);
