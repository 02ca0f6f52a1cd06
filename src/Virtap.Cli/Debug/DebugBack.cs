using System.Globalization;
using System.Runtime.InteropServices;
using Virtap.Binaries.Dwarf;
using Virtap.Cli.Commands;
using Virtap.Cli.DebugAdapter;
using Virtap.Cli.Rendering;
using Virtap.Cli.Targets;
using Virtap.Cli.Words;
using Virtap.Debugging.Sessions;
using Virtap.Interop;
using Virtap.Processes;
using Virtap.Processes.Commands;
using Virtap.Processes.Stops;
using Virtap.Watch.Targets;

namespace Virtap.Cli.Debug;

/// <summary>
/// The debugger itself: a process in a session of its own, which no signal of a terminal reaches. It hears from <see cref="DebugFront"/>
/// which there were, and that that one is gone.
/// </summary>
internal static class DebugBack
{
    /// <summary>SIGUSR1 by its number on Linux, which wakes this process's first thread out of a write that nobody reads.</summary>
    private const PosixSignal Wake = (PosixSignal)ProcessSignal.User1;

    /// <summary>How long the last words may take once the session is to end: all the while the target stands still.</summary>
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(1);

    /// <summary>Runs the debugger to its end.</summary>
    /// <param name="words">The command line that the front was given.</param>
    public static int Run(string[] words)
    {
        foreach (int file in (ReadOnlySpan<int>)[DebugFront.NewsFile, DebugFront.LedgerFile])
            _ = Libc.Control(file, Libc.SetDescriptorFlags, Libc.ClosedOnExec);
        // Somebody may mean all processes of a user; this one ends in good order, too.
        Action interrupt = static () => { }, end = static () => { };
        bool isEnding = false;
        List<PosixSignalRegistration> signals = [
            .. ((IEnumerable<PosixSignal>)[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT])
                .Select(each => PosixSignalRegistration.Create(each, context =>
                {
                    context.Cancel = true;
                    Heed(each == PosixSignal.SIGINT ? ProcessSignal.Interrupt : ProcessSignal.Terminate);
                })),
            PosixSignalRegistration.Create(Wake, static context => context.Cancel = true)];
        new Thread(Listen) { IsBackground = true, Name = "front" }.Start();
        DebugRequest request = DebugCommand.Parse(words);
        int status = request.IsAdapter ? RunAdapter() : RunPrompt();
        signals.ForEach(static each => each.Dispose());
        return status;

        int RunPrompt()
        {
            using DebugSession session = Open(request);
            var prompt = new Prompt(session, request);
            (interrupt, end) = (prompt.Interrupt, prompt.End);
            return isEnding ? ExitStatus.Failure : prompt.Run();
        }

        int RunAdapter()
        {
            (Stream input, PatientOutput output) = AdapterFiles.Take();
            var server = new AdapterServer(
                new AdapterStream(input, output),
                static target => Open(new DebugRequest(target.Word, [], target.Executable, [], IsBatch: false)), Prompt.Reason);
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
            new Thread(FallSilent) { IsBackground = true, Name = "end" }.Start();
        }

        unsafe void Listen()
        {
            byte signal = 0;
            while (Libc.Read(DebugFront.NewsFile, &signal, 1) is var read && (read > 0 || (read < 0 && Errno.Last == Errno.Interrupted)))
            {
                if (read > 0 && signal != 0)
                    Heed(signal);
            }

            // The front is gone, however: all is to be as if nobody had been here.
            Heed(ProcessSignal.Terminate);
        }
    }

    /// <summary>
    /// What is said goes nowhere any more, after a while: a terminal that is held, a pager that nobody turns the page of would keep the
    /// debugger, and with it the target, where they are.
    /// </summary>
    private static void FallSilent()
    {
        Thread.Sleep(s_grace);
        int nowhere = Libc.Open("/dev/null", Libc.WriteOnly | Libc.CloseOnExec);
        _ = Libc.Duplicate(nowhere, 1);
        _ = Libc.Duplicate(nowhere, 2);
        // A write that has begun is begun anew after a signal, and finds this place then. The first thread is the prompt's, and is the one
        // that the kernel gives a process's signals to.
        _ = Libc.Kill(Environment.ProcessId, (int)Wake);
    }

    private static DebugSession Open(DebugRequest request)
    {
        DebugFileSearch search = DebugFileSearch.OfSystem;
        var ledger = new PipeLedger(DebugFront.LedgerFile);
        string word = request.Target ?? (request.Command is [var program, ..] ? program
            : throw new CommandException("behind -- a program with its arguments is wanted"));
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
