using Virtap.Processes.Commands;
using Virtap.Tracing.Output;

namespace Virtap.Tracing.Session;

/// <summary>How a session ended.</summary>
/// <param name="HasFailed">Whether errors ended it: "Pass 5: run failed", and a status of 1.</param>
/// <param name="Losses">What was lost or skipped; warnings about it have been printed.</param>
/// <param name="Command">How the command of -c ended; null where there was none, or it still runs.</param>
public sealed record SessionResult(bool HasFailed, LossCounts Losses, CommandExit? Command);
