using Virtap.Cli.Rendering;
using Virtap.Debugging.Control;
using Virtap.Debugging.Frames;
using Virtap.Debugging.Sessions;
using Virtap.Processes.Control;
using static Virtap.Cli.Debug.Prompts.CommandArguments;
using static Virtap.Cli.Debug.Prompts.PromptOutput;

namespace Virtap.Cli.Debug.Prompts;

/// <summary>Starting a process, letting it go on, and ending it.</summary>
/// <param name="session">The session.</param>
/// <param name="console">Whether somebody types.</param>
/// <param name="interruption">What breaks it off.</param>
/// <param name="view">Frames as text.</param>
/// <param name="stops">Says why it has stopped.</param>
/// <param name="arguments">What the program is started with.</param>
internal sealed class RunCommands(
    DebugSession session, PromptConsole console, Interruption interruption, FrameView view, StopReporter stops,
    IReadOnlyList<string> arguments)
{
    private IReadOnlyList<string> _arguments = arguments;

    /// <summary>Whether the process is the session's own: it was not attached to, and ends with the session.</summary>
    private bool _isStarted;

    /// <summary><c>run</c>.</summary>
    public void Run(string rest)
    {
        Prepare(rest);
        Launch();
    }

    /// <summary><c>start</c>: as run, to main.</summary>
    public void Start(string rest)
    {
        Prepare(rest);
        WriteLine(BreakpointText.Made(session.Break("main", isTemporary: true)));
        Launch();
    }

    /// <summary><c>continue</c>.</summary>
    public void Continue(string rest)
    {
        Require.Process(session);
        if (rest.Length > 0)
        {
            int count = Number(rest);
            if (stops.Last?.Breakpoint is { } at)
            {
                at.IgnoreCount = count - 1;
                if (console.IsTyped)
                    WriteLine(BreakpointText.Ignored(at) + "  Continuing.");
            }
        }
        else if (console.IsTyped)
        {
            WriteLine("Continuing.");
        }

        Flush();
        stops.Report(session.Continue());
    }

    /// <summary><c>next</c>.</summary>
    public void Next(string rest) => Repeat(rest, () => session.StepLine(into: false));

    /// <summary><c>step</c>.</summary>
    public void Step(string rest) => Repeat(rest, () => session.StepLine(into: true));

    /// <summary><c>nexti</c>.</summary>
    public void NextInstruction(string rest) => Repeat(rest, () => session.StepInstruction(into: false));

    /// <summary><c>stepi</c>.</summary>
    public void StepInstruction(string rest) => Repeat(rest, () => session.StepInstruction(into: true));

    /// <summary><c>finish</c>.</summary>
    public void Finish()
    {
        Require.Process(session);
        DebugFrame frame = session.Frame ?? throw new PromptException("No stack.");
        if (session.Frames().Frames.Count <= session.FrameNumber + 1)
            throw new PromptException("\"finish\" not meaningful in the outermost frame.");
        if (console.IsTyped)
            WriteLine($"Run till exit from {view.Text.Numbered(frame)}");
        Flush();
        if (session.Finish() is not { } report)
            throw new PromptException("\"finish\" not meaningful in the outermost frame.");
        stops.Report(report);
    }

    /// <summary><c>until</c>.</summary>
    public void Until(string rest)
    {
        if (rest.Length > 0)
        {
            Advance(rest);
            return;
        }

        Require.Process(session);
        stops.Report(session.UntilNext());
    }

    /// <summary><c>advance</c>.</summary>
    public void Advance(string rest)
    {
        Require.Process(session);
        if (rest.Length == 0)
            throw new PromptException("Argument required (a location).");
        // Where it was sent, it is shown with its frame, be it the same.
        stops.Report(session.Advance(rest) with { IsSameFrame = false });
    }

    /// <summary><c>signal</c>.</summary>
    public void GiveSignal(string rest)
    {
        Require.Process(session);
        int signal = rest == "0" ? 0 : Signals.Find(rest) ?? throw new PromptException($"there is no signal '{rest}'");
        WriteLine(signal == 0 ? "Continuing with no signal." : $"Continuing with signal {Signals.NameOf(signal)}.");
        Flush();
        Inferior.Give(session.Thread!, signal);
        stops.Report(session.Continue());
    }

    /// <summary><c>detach</c>.</summary>
    public void Detach() => Detach(Require.Process(session));

    /// <summary><c>kill</c>.</summary>
    public void Kill()
    {
        Inferior inferior = Require.Process(session);
        if (!console.Ask("Kill the program being debugged?"))
            throw new PromptException("Not confirmed.");
        int id = inferior.Process.Id;
        session.Kill();
        WriteLine(Figures.Invariant($"[Inferior 1 (process {id}) killed]"));
    }

    /// <summary>The session ends: what was attached to goes on, what was started ends.</summary>
    public void Leave()
    {
        if (session.Inferior is not { IsAlive: true } inferior)
            return;
        if (_isStarted)
            session.Kill();
        else
            Detach(inferior);
    }

    private void Detach(Inferior inferior)
    {
        int id = inferior.Process.Id;
        string program = stops.ProgramName;
        session.Detach();
        if (interruption.IsEnding)
            return;
        WriteLine(Figures.Invariant($"Detaching from program: {program}, process {id}"));
        WriteLine(Figures.Invariant($"[Inferior 1 (process {id}) detached]"));
    }

    private void Prepare(string rest)
    {
        if (session.Inferior is { IsAlive: true } running)
        {
            if (!_isStarted)
                throw new PromptException(Figures.Invariant($"process {running.Process.Id} is being debugged: detach first"));
            if (!console.Ask("The program being debugged has been started already.\nStart it from the beginning?"))
                throw new PromptException("Program not restarted.");
            session.Kill();
        }

        if (session.Target.Process is not null)
            throw new PromptException("A core cannot be run: virtap debug -- PROGRAM starts one.");
        if (rest.Length > 0)
            _arguments = rest.Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    private void Launch()
    {
        if (console.IsTyped)
            WriteLine($"Starting program: {string.Join(' ', _arguments.Prepend(stops.ProgramName))} ");
        Flush();
        _isStarted = true;
        StopReport? end = session.Launch(_arguments);
        // While it is started nobody can stop it; whoever has wanted that meanwhile is not to be forgotten.
        if (!interruption.IsEnding)
            stops.Report(end ?? session.Continue());
    }

    private void Repeat(string rest, Func<StopReport> step)
    {
        Require.Process(session);
        int count = rest.Length > 0 ? Number(rest) : 1;
        for (int done = 1; done <= count; done++)
        {
            StopReport report = step();
            bool isLast = done == count || report.Reason != StopReason.Stepped || interruption.IsStopAsked;
            stops.Report(report, isQuiet: !isLast);
            if (isLast)
                break;
        }
    }
}
