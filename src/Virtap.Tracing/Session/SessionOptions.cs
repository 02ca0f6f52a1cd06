using Virtap.Processes;
using Virtap.Processes.Commands;
using Virtap.Tracing.Backends;
using Virtap.Tracing.Runtime;

namespace Virtap.Tracing.Session;

/// <summary>How a session runs. The defaults are SystemTap's.</summary>
public sealed record SessionOptions
{
    /// <summary>
    /// Where the script's prints go. Stays the caller's, who asks it and <see cref="Errors"/> at the end whether everything could be
    /// written.
    /// </summary>
    public required OutputWriter Output { get; init; }

    /// <summary>Where the script's own warnings and errors go. Stays the caller's.</summary>
    public required OutputWriter Errors { get; init; }

    /// <summary>Takes what went otherwise than it was asked for, when it does.</summary>
    public Action<SessionWarning> Warn { get; init; } = static _ => { };

    /// <summary>
    /// What target() is: the process of -x or -c; null for none, which scripts see as 0. A session does not end with the process of -x, as
    /// with SystemTap.
    /// </summary>
    public int? TargetProcess { get; init; }

    /// <summary>The command of -c: let go when all probes are in place; its end ends the session. Stays the caller's.</summary>
    public SuspendedCommand? Command { get; init; }

    /// <summary>A process with which the session ends, within a second; null for none.</summary>
    public LiveProcess? EndsWith { get; init; }

    /// <summary>-T: the session ends after so long; null for no limit.</summary>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>MAXERRORS: handlers that may end by an error before the session does.</summary>
    public long MaxErrors { get; init; }

    /// <summary>MAXSKIPPED: hits that may be skipped before the session ends.</summary>
    public long MaxSkipped { get; init; } = 100;

    /// <summary>
    /// Whether globals that the script writes and never reads are printed at the end (not with --no-global-var-display).
    /// </summary>
    public bool PrintsUnreadGlobals { get; init; } = true;

    /// <summary>-w: warn() is silent.</summary>
    public bool SuppressesWarnings { get; init; }

    /// <summary>
    /// -t: how often each handler ran and for how long is printed at the end.
    /// </summary>
    public bool ReportsTiming { get; init; }

    /// <summary>Whether SIGINT, SIGTERM and SIGHUP end the session in good order. The second one ends this process.</summary>
    public bool StopsOnSignals { get; init; } = true;

    /// <summary>Whether what the script has to say cannot be written any more: then it need not go on.</summary>
    internal bool HasOutputFailed => Output.Failure is not null || Errors.Failure is not null;
}

/// <summary>How a session ended.</summary>
/// <param name="HasFailed">Whether errors ended it: "Pass 5: run failed", and a status of 1.</param>
/// <param name="Losses">What was lost or skipped.</param>
/// <param name="MaxStringLength">MAXSTRINGLEN, at which strings were cut.</param>
/// <param name="Command">How the command of -c ended; null where there was none, or it still runs.</param>
public sealed record SessionResult(bool HasFailed, LossCounts Losses, int MaxStringLength, CommandExit? Command);
