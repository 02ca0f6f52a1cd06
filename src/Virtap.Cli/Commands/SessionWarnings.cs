using Virtap.Cli.Rendering;
using Virtap.Cli.Words;
using Virtap.Tracing.Backends;

namespace Virtap.Cli.Commands;

/// <summary>What goes otherwise than it was asked for in commands that run a script of Virtap's own.</summary>
internal static class SessionWarnings
{
    /// <summary>Says it on standard error.</summary>
    public static void Report(SessionWarning warning) => StandardStreams.Report(
        warning.EndsSession ? SessionWords.Line(warning) : "warning: " + SessionWords.Of(warning));
}
