using Virtap.Processes;
using Virtap.Processes.Access;
using Virtap.Processes.Commands;
using Virtap.Processes.Files;
using Virtap.Processes.Tracees;

namespace Virtap.Processes.Control;

/// <summary>Starting a program to debug it.</summary>
public sealed partial class Inferior
{
    /// <summary>Starts a program and stops it before its first instruction.</summary>
    /// <param name="program">Its file.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="ledger">Who is told of breakpoints; null for nobody.</param>
    /// <exception cref="ProcessException">It cannot be started.</exception>
    /// <exception cref="Processes.Stops.ThreadStopException">It cannot be traced.</exception>
    public static Inferior Launch(string program, IEnumerable<string> arguments, IBreakpointLedger? ledger)
    {
        FileIdentity? wanted = FileIdentity.Of(program);
        // A shell waits to become it; nothing of it is a word that the shell would read.
        string command = string.Join(
            ' ', arguments.Prepend(program).Select(static word => $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'"));
        using var suspended = SuspendedCommand.Start(command);
        LiveProcess shell = LiveProcess.Get(suspended.ProcessId);
        var inferior = new Inferior(shell, ledger, family: null);
        inferior.Add(Tracee.Seize(shell.Id, shell.Id));
        suspended.Release();
        while (inferior.Next() is var news)
        {
            switch (news)
            {
                case ExecutedNews when wanted is null || inferior.Process.Executable == wanted || !IsShell(inferior.Process):
                    return inferior;
                case ExitNews or KilledNews:
                    throw new ProcessException($"{program} could not be started");
                case { Thread: { IsStopped: true } thread }:
                    inferior.Resume(thread);
                    break;
            }
        }

        return inferior;
    }

    private static bool IsShell(LiveProcess process) => process.Executable == FileIdentity.Of("/bin/sh");
}
