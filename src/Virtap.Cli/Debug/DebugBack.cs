using System.Globalization;
using System.Runtime.InteropServices;
using Virtap.Binaries.Dwarf;
using Virtap.Cli.Commands;
using Virtap.Cli.Debug.Prompts;
using Virtap.Cli.DebugAdapter;
using Virtap.Cli.Rendering;
using Virtap.Cli.Targets;
using Virtap.Cli.Tracers;
using Virtap.Cli.Words;
using Virtap.Debugging.Sessions;
using Virtap.Processes;
using Virtap.Processes.Commands;
using Virtap.Processes.Stops;
using Virtap.Watch.Targets;

namespace Virtap.Cli.Debug;

/// <summary>
/// The debugger itself: a process in a session of its own, which no signal of a terminal reaches. It hears from <see cref="TracerFront"/>
/// which there were, and that that one is gone.
/// </summary>
internal static class DebugBack
{
    /// <summary>The first word of the debugger's command line.</summary>
    public const string Word = "debugger-of";

    /// <summary>Runs the debugger to its end.</summary>
    /// <param name="words">The command line that the front was given.</param>
    public static int Run(string[] words)
    {
        // Somebody may mean all processes of a user; this one ends in good order, too.
        Action interrupt = static () => { }, end = static () => { };
        bool isEnding = false;
        List<PosixSignalRegistration> signals = [
            .. ((IEnumerable<PosixSignal>)[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT])
                .Select(each => PosixSignalRegistration.Create(each, context =>
                {
                    context.Cancel = true;
                    Heed(each == PosixSignal.SIGINT ? ProcessSignal.Interrupt : ProcessSignal.Terminate);
                }))];
        using IDisposable front = TracerBack.Listen(Heed, () => Heed(ProcessSignal.Terminate));
        DebugRequest request = DebugCommand.Parse(words);
        int status = request.IsAdapter ? RunAdapter() : RunPrompt();
        signals.ForEach(static each => each.Dispose());
        return status;

        int RunPrompt()
        {
            using DebugSession session = Open(request);
            var prompt = new Prompt(session, [.. request.Command.Skip(1)]);
            (interrupt, end) = (prompt.Interrupt, prompt.End);
            return isEnding ? ExitStatus.Failure : prompt.Run(request.Start, request.IsBatch);
        }

        int RunAdapter()
        {
            (Stream input, PatientOutput output) = AdapterFiles.Take();
            var server = new AdapterServer(
                new AdapterStream(input, output),
                static target => Open(new DebugRequest(target.Word, [], target.Executable, [], IsBatch: false)), PromptException.Reason);
            AdapterFiles.Relay(server.SendOutput);
            (interrupt, end) = (server.Pause, server.End);
            return isEnding ? ExitStatus.Failure : server.Run();
        }

        void Heed(int signal)
        {
            if (signal == ProcessSignal.Interrupt)
            {
                interrupt();
                return;
            }

            isEnding = true;
            end();
            TracerBack.FallSilent();
        }
    }

    private static DebugSession Open(DebugRequest request)
    {
        DebugFileSearch search = DebugFileSearch.OfSystem;
        var ledger = new PipeLedger(TracerFront.LedgerFile);
        string word = request.Target ?? request.Command[0];
        if (request.Target is null || DebugTargetWord.FindProcess(word) is not { } process)
            return DebugSession.Of(
                DebugTargetWord.Open(word, request.Executable), search, ledger, static target => new RecoveredQemu(target));
        if (!process.IsAlive)
            throw new CommandException($"process {process.Id} has ended, and waits for its parent to notice");
        try
        {
            return DebugSession.Attach(process, search, ledger, static target => new RecoveredQemu(target));
        }
        catch (ThreadStopException e)
        {
            throw new CommandException(Figures.Invariant($"process {process.Id} cannot be debugged: {StopWords.Of(e)}"));
        }
    }
}
