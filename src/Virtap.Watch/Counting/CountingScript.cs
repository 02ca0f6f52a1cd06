using System.Text;
using Virtap.Language;
using Virtap.Tracing.Lowering;
using Virtap.Tracing.Probes;
using Virtap.Tracing.Probes.Families;
using Virtap.Tracing.Runtime;
using Virtap.Tracing.Session;
using Virtap.Tracing.Session.Globals;

namespace Virtap.Watch.Counting;

/// <summary>
/// A script of Virtap's own that counts in a QEMU, and can be asked meanwhile what it has counted so far: not what it prints, which goes
/// nowhere, but its globals.
/// </summary>
public sealed class CountingScript : IDisposable
{
    private readonly OwnSession _session;
    private readonly StringBuilder _errors;
    private readonly Thread _thread;
    private SessionResult? _result;

    private CountingScript(OwnSession session, StringBuilder errors)
    {
        (_session, _errors) = (session, errors);
        _thread = new Thread(() => _result = session.Running.RunToEnd()) { Name = "session" };
        _thread.Start();
    }

    /// <summary>Starts a script. When this returns, its probes fire.</summary>
    /// <param name="name">Which; what messages call it too.</param>
    /// <param name="options">Its arguments and limits.</param>
    /// <exception cref="NoPrivilegeException">This process may not run it.</exception>
    /// <exception cref="WatchException">It cannot be run here: a QEMU that has not the marks it needs.</exception>
    public static CountingScript Start(string name, CountingOptions options) => Start(OwnScript.Example(name), options);

    /// <summary>Starts a script that was made for this. When this returns, its probes fire.</summary>
    /// <param name="source">The script.</param>
    /// <param name="options">Its arguments and limits.</param>
    /// <exception cref="NoPrivilegeException">This process may not run it.</exception>
    /// <exception cref="WatchException">It cannot be run here.</exception>
    public static CountingScript Start(SourceText source, CountingOptions options)
    {
        var probes = new ProbeOptions { TargetProcess = options.TargetProcess, Executables = options.Executables };
        var limits = new LoweringOptions { MaxActions = options.MaxActions, MaxMapEntries = options.MaxMapEntries };
        var errors = new StringBuilder();
        var session = new OwnSession(source, options.Arguments, limits, probes, new SessionOptions
        {
            Output = new OutputWriter(_ => { }),
            Errors = new OutputWriter(bytes => errors.Append(Encoding.UTF8.GetString(bytes))),
            Warn = options.Warn,
            TargetProcess = options.TargetProcess,
            TimeLimit = options.TimeLimit,
            StopsOnSignals = options.StopsOnSignals,
            // Told by whoever watches.
            MaxSkipped = long.MaxValue,
            PrintsUnreadGlobals = false,
        });
        return new CountingScript(session, errors);
    }

    /// <summary>What it has counted so far.</summary>
    /// <exception cref="WatchException">It cannot be looked at.</exception>
    public GlobalsSnapshot Look()
    {
        try
        {
            return _session.Running.TakeSnapshot();
        }
        catch (SessionException e)
        {
            throw new WatchException(e.Message);
        }
    }

    /// <summary>Waits for its end.</summary>
    /// <returns>Whether it has ended: by a signal, its time, or an error.</returns>
    public bool Wait(TimeSpan time) => _thread.Join(time);

    /// <summary>Ends it: nothing counts any more, and what was counted can still be looked at.</summary>
    /// <returns>What was lost.</returns>
    /// <exception cref="ScriptFailedException">An error had ended it.</exception>
    public LossCounts Stop()
    {
        _session.Running.Stop();
        _thread.Join();
        SessionResult result = _result!;
        return result.HasFailed ? throw new ScriptFailedException(_errors.ToString().Trim(), result) : result.Losses;
    }

    public void Dispose()
    {
        _session.Running.Stop();
        _thread.Join();
        _session.Dispose();
    }
}
