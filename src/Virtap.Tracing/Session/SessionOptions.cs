using Virtap.Bpf.Features;
using Virtap.Bpf.Programs;
using Virtap.Processes.Commands;
using Virtap.Tracing.Output;

namespace Virtap.Tracing.Session;

/// <summary>How a session runs. The defaults are SystemTap's.</summary>
public sealed record SessionOptions
{
    /// <summary>Where the script's prints go. Stays the caller's.</summary>
    public required OutputWriter Output { get; init; }

    /// <summary>Where warnings and errors go. Stays the caller's.</summary>
    public required OutputWriter Errors { get; init; }

    /// <summary>What target() is: the process of -x or -c, or 0. A session does not end with the process of -x, as with SystemTap.</summary>
    public int TargetProcess { get; init; }

    /// <summary>The command of -c: let go when all probes are in place; its end ends the session. Stays the caller's.</summary>
    public SuspendedCommand? Command { get; init; }

    /// <summary>-T: the session ends after so long; null for no limit.</summary>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>MAXERRORS: handlers that may end by an error before the session does.</summary>
    public long MaxErrors { get; init; }

    /// <summary>MAXSKIPPED: hits that may be skipped before the session ends.</summary>
    public long MaxSkipped { get; init; } = 100;

    /// <summary>MAXTRYLOCK: how often a handler in a target tries for the lock; null for what has proved good here.</summary>
    public int? LockTries { get; init; }

    /// <summary>-s: bytes of the ring that output is sent through; rounded up to a power of two.</summary>
    public uint OutputBytes { get; init; } = 2 << 20;

    /// <summary>Whether globals that the script writes and never reads are printed at the end (not with --no-global-var-display).</summary>
    public bool PrintsUnreadGlobals { get; init; } = true;

    /// <summary>-w: warn() is silent.</summary>
    public bool SuppressesWarnings { get; init; }

    /// <summary>-t: how often each handler ran and for how long is printed at the end, and skipped probes are told by their reasons.</summary>
    public bool ReportsTiming { get; init; }

    /// <summary>Whether SIGINT, SIGTERM and SIGHUP end the session in good order. The second one ends this process.</summary>
    public bool StopsOnSignals { get; init; } = true;

    /// <summary>How programs are attached to code; null for the best way that the kernel has.</summary>
    public UprobeAttachment? Attachment { get; init; }

    /// <summary>What the kernel offers.</summary>
    public KernelFeatures Features { get; init; } = KernelFeatures.Current;
}
