using System.Text.Json.Serialization.Metadata;
using Virtap.Cli.Commands;
using Virtap.Cli.Rendering;
using Virtap.Debugging.Frames;
using Virtap.Debugging.Sessions;
using Virtap.Processes.Control;

namespace Virtap.Cli.DebugAdapter;

/// <summary>
/// <c>virtap debug --dap</c>: a debugger for editors, by the debug adapter protocol on standard input and output. One thread reads what the
/// client wants; the one that runs <see cref="Run"/> carries it out, since the kernel lets a process be traced by one thread only. While
/// the process runs that one waits for it, and is woken for what cannot wait: to pause, to set breakpoints, to end.
/// </summary>
/// <param name="stream">The client.</param>
/// <param name="open">Opens what is to be debugged, by the words of a command line: a process id, a core, a program.</param>
/// <param name="explain">What is wrong with a request, in words; null for a mistake of ours.</param>
internal sealed partial class AdapterServer(
    AdapterStream stream, Func<AdapterTarget, DebugSession> open, Func<Exception, string?> explain)
{
    /// <summary>Requests that wait; whoever sends more has to wait too.</summary>
    private const int MaxWaiting = 1000;

    private const int KilledStatus = 128;

    private readonly object _lock = new();
    private readonly Queue<AdapterRequest> _requests = new();
    private DebugSession? _session;
    private Func<StopReport>? _resume;
    private StopReport? _endedAtStart;
    private volatile IReadOnlyList<ThreadInfo> _threads = [];
    private bool _isRunning, _isGoing, _isStarted, _isEnding, _isConfigured, _stopsFirst;
    private int _firstLine = 1;

    private DebugSession Session => _session ?? throw new AdapterException("nothing is debugged yet: launch or attach is to come first");

    /// <summary>Stops the process, as if the client had asked for it.</summary>
    public void Pause()
    {
        lock (_lock)
        {
            if (_isRunning)
                _session?.Interrupt();
        }
    }

    /// <summary>Ends the session as soon as the process has stopped, which is then let go.</summary>
    public void End()
    {
        // First of all: who holds the lock may be about to send something.
        stream.Hurry();
        lock (_lock)
        {
            _isEnding = true;
            _session?.Interrupt();
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>Serves until the client says disconnect, or is gone.</summary>
    public int Run()
    {
        stream.ClientGone = End;
        new Thread(Listen) { IsBackground = true, Name = "client" }.Start();
        while (Next() is { } request)
            Handle(request);
        Leave(isKilled: _isStarted);
        _session?.Dispose();
        return ExitStatus.Success;
    }

    private void Listen()
    {
        try
        {
            while (stream.Read() is { } request)
                Take(request);
        }
        catch (IOException e)
        {
            StandardStreams.Report($"error: the debug adapter protocol is not spoken on standard input: {e.Message}");
        }

        End();
    }

    private void Take(AdapterRequest request)
    {
        lock (_lock)
        {
            while (_requests.Count >= MaxWaiting && !_isEnding)
                Monitor.Wait(_lock);
            if (_isRunning && request.Command == "threads")
            {
                stream.Answer(request, new ThreadList(_threads), AdapterMessages.Default.ThreadList);
                return;
            }

            if (_isRunning && IsOfStop(request))
            {
                stream.Refuse(request, "notStopped");
                return;
            }

            _requests.Enqueue(request);
            if (_isRunning)
                _session!.Interrupt();
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>The next request; until there is one the process runs, if it is to. Null at the end.</summary>
    private AdapterRequest? Next()
    {
        while (true)
        {
            Func<StopReport>? resume;
            lock (_lock)
            {
                if (_isEnding)
                    return null;
                if (_requests.TryDequeue(out AdapterRequest? request))
                {
                    Monitor.PulseAll(_lock);
                    return request;
                }

                resume = _resume;
                _resume = null;
                if (resume is null)
                {
                    Monitor.Wait(_lock);
                    continue;
                }

                // In this order: whoever asks from now on that it stops is heard.
                _session!.ForgetInterrupt();
                _isRunning = true;
            }

            StopReport? report = null;
            try
            {
                report = resume();
            }
            catch (Exception e) when (explain(e) is { } problem)
            {
                SendOutput("stderr", problem + "\n");
            }

            bool isAsked;
            lock (_lock)
            {
                _isRunning = false;
                isAsked = _requests.Count > 0;
            }

            // Stopped only for what is to be done meanwhile.
            if (report?.Reason == StopReason.Interrupted && isAsked && !_isEnding)
                _resume = Session.Continue;
            else
                Stopped(report);
        }
    }

    // What is asked of a process that stands.
    private static bool IsOfStop(AdapterRequest request) => request.Command is "stackTrace" or "scopes" or "variables" or "evaluate"
        or "continue" or "next" or "stepIn" or "stepOut";

    private void Handle(AdapterRequest request)
    {
        try
        {
            // It stands only until the requests that have come are answered.
            if (_isGoing && IsOfStop(request))
                stream.Refuse(request, "notStopped");
            else if (!HandleLifecycle(request) && !HandleBreakpoints(request) && !HandleExecution(request) && !HandleInspection(request))
                stream.Refuse(request, $"{request.Command} is not offered");
        }
        catch (AdapterException e)
        {
            stream.Refuse(request, e.Message);
        }
        catch (Exception e) when (explain(e) is { } problem)
        {
            stream.Refuse(request, problem);
        }
    }

    /// <summary>Beginning and end.</summary>
    private bool HandleLifecycle(AdapterRequest request)
    {
        switch (request.Command)
        {
            case "initialize":
                InitializeArguments client = request.Read(AdapterMessages.Default.InitializeArguments);
                if (client.PathFormat is not (null or "path"))
                    throw new AdapterException($"files are named by their paths, not in the format '{client.PathFormat}'");
                _firstLine = client.LinesStartAt1 ? 1 : 0;
                stream.Answer(request, new Capabilities(), AdapterMessages.Default.Capabilities);
                break;
            case "launch":
                Launch(request.Read(AdapterMessages.Default.LaunchArguments));
                stream.Answer(request);
                Began(_session!.Inferior?.Process.Id, "launch");
                break;
            case "attach":
                Attach(request.Read(AdapterMessages.Default.AttachArguments));
                stream.Answer(request);
                Began(_session!.Inferior?.Process.Id, "attach");
                break;
            case "configurationDone":
                stream.Answer(request);
                if (!_isConfigured && _session is not null)
                    Configured();
                break;
            case "terminate":
                stream.Answer(request);
                Leave(isKilled: true);
                SendEvent("terminated", new Nothing(), AdapterMessages.Default.Nothing);
                break;
            case "disconnect":
                bool isKilled = request.Read(AdapterMessages.Default.DisconnectArguments).TerminateDebuggee ?? _isStarted;
                Leave(isKilled);
                stream.Answer(request);
                _isEnding = true;
                break;
            default:
                return false;
        }

        return true;
    }

    private void Launch(LaunchArguments wanted)
    {
        RequireNothingYet();
        if (wanted.Program is not { Length: > 0 } program)
            throw new AdapterException("launch wants \"program\": the path of what is to be debugged");
        if (wanted.Env is { } env && env.ValueKind != System.Text.Json.JsonValueKind.Null)
            throw new AdapterException("launch takes no \"env\": the program has the environment that virtap was started with");
        if (wanted.NoDebug)
            throw new AdapterException("launch without debugging is not offered");
        if (wanted.Cwd is { Length: > 0 } folder)
            Directory.SetCurrentDirectory(folder);
        Use(open(new AdapterTarget(program, null)));
        _stopsFirst = wanted.StopOnEntry;
        _isStarted = true;
        try
        {
            _endedAtStart = _session!.Launch(wanted.Args ?? []);
        }
        catch
        {
            _session!.Dispose();
            (_session, _isStarted) = (null, false);
            throw;
        }

        if (wanted.StopAtBeginningOfMainSubprogram)
            _ = _session.Break("main", isTemporary: true);
    }

    private void Attach(AttachArguments wanted)
    {
        RequireNothingYet();
        int? id = wanted.Pid ?? wanted.ProcessId;
        if (id is null == wanted.CoreFile is null)
            throw new AdapterException("attach wants \"pid\", the id of a process, or \"coreFile\", the path of a core");
        Use(open(id is { } number ? new AdapterTarget(Figures.Invariant($"{number}"), null)
            : new AdapterTarget(wanted.CoreFile!, wanted.Program)));
        _stopsFirst = wanted.StopOnEntry || _session!.Inferior is null;
    }

    private void RequireNothingYet()
    {
        if (_session is not null)
            throw new AdapterException("something is debugged already: one session is of one process");
    }

    private void Use(DebugSession session)
    {
        session.Noticed = Notice;
        lock (_lock)
            _session = session;
    }

    /// <summary>There is something to set breakpoints in.</summary>
    private void Began(int? id, string how)
    {
        SendEvent("process", new ProcessEvent(Session.Target.ProgramName, id, true, how), AdapterMessages.Default.ProcessEvent);
        if (Session.Target.Program.Debug is null)
            SendOutput("console", Session.Target.Program.Problem is { } problem ? $"warning: {problem}\n"
                : $"(No debugging symbols found in {Session.Target.ProgramName})\n");
        _threads = Threads();
        SendEvent("initialized", new Nothing(), AdapterMessages.Default.Nothing);
    }

    private void Configured()
    {
        _isConfigured = true;
        if (_endedAtStart is { } end)
            Resume(() => end);
        else if (!_stopsFirst)
            Resume(Session.Continue);
        else
            SendEvent(
                "stopped", new StoppedEvent("entry", _threads is [var first, ..] ? first.Id : null), AdapterMessages.Default.StoppedEvent);
    }

    private void Resume(Func<StopReport> resume)
    {
        Forget();
        _isGoing = true;
        _resume = resume;
    }

    /// <summary>Lets go of the process, or ends it.</summary>
    private void Leave(bool isKilled)
    {
        _resume = null;
        if (_session?.Inferior is not { IsAlive: true })
            return;
        if (isKilled)
            _session.Kill();
        else
            _session.Detach();
        _isStarted = false;
    }

    private void SendEvent<T>(string name, T body, JsonTypeInfo<T> type) => stream.SendEvent(name, body, type);

    /// <summary>Tells the client what standard output, standard error or its console is to show.</summary>
    public void SendOutput(string category, string text) =>
        SendEvent("output", new OutputEvent(category, text), AdapterMessages.Default.OutputEvent);
}

/// <summary>What is to be debugged.</summary>
/// <param name="Word">A process id, or the path of a core or a program.</param>
/// <param name="Executable">The program that a core is of; null where it is as the core says.</param>
internal sealed record AdapterTarget(string Word, string? Executable);
