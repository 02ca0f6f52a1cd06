using Virtap.Language;
using Virtap.Processes;
using Virtap.Tracing.Backends;
using Virtap.Tracing.Lowering;
using Virtap.Tracing.Probes;
using Virtap.Tracing.Probes.Families;
using Virtap.Tracing.Runtime;
using Virtap.Tracing.Session;
using Virtap.Watch.Counting;

namespace Virtap.Watch.Logpoints;

/// <summary>Watches a logpoint: a script is made of its expressions, and what that brings becomes hits.</summary>
public sealed class LogpointWatch : IDisposable
{
    private readonly OwnSession _session;

    private LogpointWatch(OwnSession session)
    {
        _session = session;
    }

    /// <summary>Starts it. When this returns, each hit is seen.</summary>
    /// <param name="logpoint">The place, and what is read there.</param>
    /// <param name="take">Takes the hits, in <see cref="RunToEnd"/>, on its thread.</param>
    /// <param name="errors">Takes what is told of what was lost; stays the caller's.</param>
    /// <param name="warn">Takes what went otherwise than it was asked for.</param>
    /// <exception cref="LogpointException">An expression is none that the kernel can read.</exception>
    /// <exception cref="NoPrivilegeException">This process may not.</exception>
    /// <exception cref="WatchException">It cannot be watched here.</exception>
    public static LogpointWatch Start(Logpoint logpoint, Action<LogpointHit> take, OutputWriter errors, Action<SessionWarning> warn)
    {
        var script = new LogpointScript(logpoint);
        string text = script.Write();
        var reader = new LogpointReader(script.Fields, logpoint.Scope.Memory, take);
        var options = new SessionOptions
        {
            Output = new OutputWriter(reader.Take), Errors = errors, Warn = warn, TargetProcess = logpoint.ProcessId,
            EndsWith = LiveProcess.Find(logpoint.ProcessId), PrintsUnreadGlobals = false,
        };
        var probes = new ProbeOptions { TargetProcess = logpoint.ProcessId };
        return new LogpointWatch(new OwnSession(new SourceText("logpoint", text), [], new LoweringOptions(), probes, options));
    }

    /// <summary>Watches until as many hits have come as were wanted, the process ends, or a signal ends it.</summary>
    /// <returns>How it ended, and what was lost.</returns>
    /// <exception cref="WatchException">It cannot be watched any more.</exception>
    public SessionResult RunToEnd()
    {
        try
        {
            return _session.Running.RunToEnd();
        }
        catch (SessionException e)
        {
            throw new WatchException(e.Message);
        }
    }

    public void Dispose() => _session.Dispose();
}
