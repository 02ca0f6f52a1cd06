using Virtap.Cli.Commands;
using Virtap.Cli.Tracers;
using Virtap.Processes.Commands;

namespace Virtap.Cli.Run;

/// <summary>
/// A script's run with <c>--runtime=ptrace</c>: in a process of its own, which no signal of a terminal reaches, so that nothing is left in
/// targets whatever becomes of the one that the user has started (docs/decisions/008).
/// </summary>
internal static class ScriptTracer
{
    /// <summary>The first word of its command line.</summary>
    public const string Word = "tracer-of";

    /// <summary>Runs the script.</summary>
    /// <param name="words">The command line that the front was given, which has looked at it.</param>
    public static int Run(string[] words)
    {
        int ends = 0;
        using IDisposable front = TracerBack.Listen(Heed, () =>
        {
            // Before there is a session, this ends the process, in which nothing has begun yet. One that is ending already would be cut
            // short by it, with breakpoints in its targets.
            if (Interlocked.Increment(ref ends) == 1)
                ProcessSignal.Send(Environment.ProcessId, ProcessSignal.Terminate);
            TracerBack.FallSilent();
        });
        using var run = new ScriptRun(RunOptionsParser.Parse(words).Options!) { Ledger = new PipeLedger(TracerFront.LedgerFile) };
        return run.Execute();

        void Heed(int signal)
        {
            // The second one would end this process where it stands. Whoever is in such a hurry need not read the last words.
            if (signal == ProcessSignal.User2 || Interlocked.Increment(ref ends) == 1)
                ProcessSignal.Send(Environment.ProcessId, signal);
            else
                TracerBack.FallSilent();
        }
    }
}
