using System.Globalization;
using System.Runtime.InteropServices;
using Virtap.Cli.Commands;
using Virtap.Interop;
using Virtap.Processes.Commands;

namespace Virtap.Cli.Tracers;

/// <summary>
/// The process that the user has started, and that a terminal's signals reach. It traces nothing: the tracer is another process
/// (<see cref="TracerBack"/>), with a session of its own. When this one ends, by whatever signal, that one takes its breakpoints out and
/// lets the target go on; should that one be killed, this one takes them out. (docs/decisions/008.)
/// </summary>
internal static class TracerFront
{
    /// <summary>The tracer's ends of the two pipes.</summary>
    public const int NewsFile = 8, LedgerFile = 9;

    private const int Killed = 128;

    /// <summary>Signals by their numbers on Linux: .NET's names are for other systems too.</summary>
    private const PosixSignal TerminalStop = (PosixSignal)ProcessSignal.TerminalStop, User2 = (PosixSignal)ProcessSignal.User2;

    private static readonly PosixSignal[] s_signals =
        [PosixSignal.SIGINT, PosixSignal.SIGQUIT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, TerminalStop, User2];

    /// <summary>Starts the tracer, and waits for its end.</summary>
    /// <param name="word">The first word of its command line, which says what it is.</param>
    /// <param name="name">What it is to the user: the debugger.</param>
    /// <param name="words">The command line.</param>
    /// <returns>Its exit status.</returns>
    public static unsafe int Run(string word, string name, string[] words)
    {
        int* news = stackalloc int[2], ledger = stackalloc int[2];
        if (Libc.Pipe(news, Libc.CloseOnExec) != 0 || Libc.Pipe(ledger, Libc.CloseOnExec) != 0)
            throw new CommandException($"no pipe for the {name}: " + Errno.Text(Errno.Last));
        string program = Environment.ProcessPath ?? "/proc/self/exe";
        int back = ChildProgram.Spawn(
            program, [(news[0], NewsFile), (ledger[1], LedgerFile)], isApart: true,
            [Path.GetFileName(program) == "dotnet" ? program : word, .. Library(program), word, .. words]);
        _ = Libc.Close(news[0]);
        _ = Libc.Close(ledger[1]);
        int toBack = news[1];

        // Signals are the tracer's business, which has another session.
        List<PosixSignalRegistration> signals = [
            .. s_signals.Select(each => PosixSignalRegistration.Create(each, context =>
            {
                context.Cancel = true;
                Forward(toBack, Number(each));
            }))];
        var repair = new BreakpointRepair(ledger[0]);
        int status;
        while (Libc.WaitPid(back, &status, 0) < 0 && Errno.Last == Errno.Interrupted)
        {
        }

        signals.ForEach(static each => each.Dispose());
        if ((status & 0x7f) == 0)
            return status >> 8 & 0xff;
        int repaired = repair.Run();
        Rendering.StandardStreams.Report(string.Create(
            CultureInfo.InvariantCulture,
            $"error: the {name} was ended by signal {status & 0x7f}; {repaired} breakpoints that it had left were taken out"));
        return Killed + (status & 0x7f);
    }

    private static string[] Library(string program) =>
        Path.GetFileName(program) == "dotnet" ? [Environment.GetCommandLineArgs()[0]] : [];

    private static unsafe void Forward(int file, byte signal) => _ = Libc.Write(file, &signal, 1);

    private static byte Number(PosixSignal signal) => signal switch
    {
        PosixSignal.SIGINT => ProcessSignal.Interrupt,
        PosixSignal.SIGQUIT => ProcessSignal.Quit,
        PosixSignal.SIGTERM => ProcessSignal.Terminate,
        PosixSignal.SIGHUP => ProcessSignal.HangUp,
        User2 => ProcessSignal.User2,
        _ => 0,
    };
}
