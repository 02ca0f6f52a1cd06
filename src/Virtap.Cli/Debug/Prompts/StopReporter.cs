using Virtap.Cli.Rendering;
using Virtap.Debugging.Control;
using Virtap.Debugging.Sessions;
using Virtap.Debugging.Values;
using Virtap.Language;
using Virtap.Processes.Control;
using static Virtap.Cli.Debug.Prompts.PromptOutput;

namespace Virtap.Cli.Debug.Prompts;

/// <summary>Tells what happens to the process, and why it has stopped; carries out what is to be done at a breakpoint.</summary>
/// <param name="session">The session.</param>
/// <param name="interruption">What ends it: then nobody reads any more.</param>
/// <param name="view">Shows where it has stopped.</param>
/// <param name="displays">What is printed at each stop.</param>
/// <param name="lines">Carries out a breakpoint's commands.</param>
internal sealed class StopReporter(
    DebugSession session, Interruption interruption, FrameView view, DisplayList displays, ILineExecutor lines)
{
    /// <summary>Why it has stopped the last time; null where it has not yet.</summary>
    public StopReport? Last { get; private set; }

    /// <summary>The program's name, whatever its file is called.</summary>
    public string ProgramName => PrintableText.OfLine(session.Target.ProgramName);

    /// <summary>Tells why the process has stopped, shows where, and does what is to be done at its breakpoint.</summary>
    /// <param name="report">Why.</param>
    /// <param name="isQuiet">Whether it goes on at once: nothing is shown.</param>
    public void Report(StopReport report, bool isQuiet = false)
    {
        Last = report;
        if (interruption.IsEnding)
            return;
        if (report.Thread is not { } thread)
        {
            WriteEnd(report);
            return;
        }

        IReadOnlyList<string> commands = report.Breakpoint?.Commands ?? [];
        bool isSilent = commands is [var first, ..] && first.Trim() == "silent";
        if (report.ConditionError is { } error)
            Complain(Figures.Invariant($"Error in testing condition for breakpoint {report.Breakpoint!.Number}:\n{error}"));
        if (!isSilent && !isQuiet)
        {
            if (report.IsOtherThread)
                WriteLine($"[Switching to {ThreadText.TargetId(thread)}]");
            WriteReason(report, thread);
            view.Show(isWhole: !report.IsSameFrame);
            if (report is { Reason: StopReason.Finished, Returned: { } value })
                WriteReturned(value);
            displays.Show();
        }

        foreach (string command in isSilent ? commands.Skip(1) : commands)
        {
            if (interruption.IsOver)
                break;
            lines.Execute(command);
        }
    }

    /// <summary>Tells what happens and stops nothing.</summary>
    public void Notice(InferiorNews news)
    {
        switch (news)
        {
            case ThreadBornNews { Thread: { } born }:
                WriteLine($"[New {ThreadText.TargetId(born)}]");
                break;
            case ThreadEndedNews { Thread: { } ended }:
                WriteLine(Figures.Invariant($"[Thread LWP {ended.Id} exited]"));
                break;
            case ForkNews fork:
                WriteLine(Figures.Invariant($"[Detaching after {(fork.IsVFork ? "vfork" : "fork")} from child process {fork.ChildId}]"));
                break;
            case ExecutedNews:
                WriteLine(Figures.Invariant($"process {session.Inferior!.Process.Id} is executing new program: {ProgramName}"));
                break;
            case SignalNews { Thread: { } thread } signal:
                WriteLine($"\n{Who(thread)} received signal {Signals.NameOf(signal.Signal)}, {Signals.MeaningOf(signal.Signal)}.");
                break;
        }
    }

    private static void WriteEnd(StopReport report)
    {
        if (report.Reason == StopReason.Exited)
        {
            string how = report.Number == 0 ? "normally" : $"with code 0{Convert.ToString(report.Number, 8)}";
            WriteLine(Figures.Invariant($"[Inferior 1 (process {report.EndedProcess}) exited {how}]"));
            return;
        }

        WriteLine($"\nProgram terminated with signal {Signals.NameOf(report.Number)}, {Signals.MeaningOf(report.Number)}.");
        WriteLine("The program no longer exists.");
    }

    private void WriteReason(StopReport report, TracedThread thread)
    {
        string hit = session.Inferior!.IsMultiThreaded ? Who(thread) + " hit " : "";
        switch (report.Reason)
        {
            case StopReason.Breakpoint:
                string kind = report.Breakpoint!.IsTemporary ? "Temporary breakpoint" : "Breakpoint";
                WriteText(Figures.Invariant($"\n{hit}{kind} {report.Breakpoint.Number}{LocationSuffix(report.Breakpoint, thread)}, "));
                break;
            case StopReason.Watchpoint:
                WriteLine($"\n{hit}Watchpoint {report.Breakpoint!.Number}: {report.Breakpoint.Text}\n");
                WriteLine($"Old value = {report.Change.Old}\nNew value = {report.Change.New}");
                break;
            case StopReason.WatchScopeLeft:
                WriteLine($"\n{hit}Watchpoint {report.Breakpoint!.Number} deleted because the program has left the block in");
                WriteLine("which its expression is valid.");
                break;
            case StopReason.Signal:
                WriteLine($"\n{Who(thread)} received signal {Signals.NameOf(report.Number)}, {Signals.MeaningOf(report.Number)}.");
                break;
            case StopReason.Interrupted:
                WriteLine($"\n{Who(thread)} received signal SIGINT, Interrupt.");
                break;
        }
    }

    /// <summary>Of a breakpoint at several places the one that a thread is at.</summary>
    private static string LocationSuffix(Breakpoint breakpoint, TracedThread thread)
    {
        int number = breakpoint.Locations.Count > 1
            ? breakpoint.Locations.ToList().FindIndex(each => each.Address == thread.Address) + 1 : 0;
        return number > 0 ? Figures.Invariant($".{number}") : "";
    }

    private void WriteReturned(Value value)
    {
        string text = session.Expressions.Text(value, session.Options);
        WriteLine(Figures.Invariant($"Value returned is ${session.Expressions.Keep(value, text).Number} = {text}"));
    }

    private string Who(TracedThread thread) => ThreadText.Who(thread, session.Inferior!.IsMultiThreaded);
}
