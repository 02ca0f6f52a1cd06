using Virtap.Interop;
using Virtap.Processes.Commands;
using Virtap.Processes.Files;

namespace Virtap.Processes.Tracees;

/// <summary>
/// Lets a command of <c>-c</c> go, and has it stand once more where it has become its program and has not run an instruction of it.
/// </summary>
/// <remarks>It is traced (ptrace(2)) for as long as that takes. If this process ends meanwhile, the command goes on by itself.</remarks>
public static class CommandStart
{
    /// <summary>Lets it go.</summary>
    /// <param name="command">The command, not released yet. It is killed where its program does not begin.</param>
    /// <param name="atBeginning">What is done while it stands at its program's beginning; the calling thread does it. Where it throws, the
    /// command is killed before it has run.</param>
    /// <returns>
    /// False where it has not come to that: it could not be run, or is a shell that runs its parts as processes of their own.
    /// </returns>
    /// <exception cref="Stops.ThreadStopException">It cannot be traced.</exception>
    public static bool Release(SuspendedCommand command, Action atBeginning)
    {
        int id = command.ProcessId;
        FileIdentity? shell = FileIdentity.Of("/bin/sh");
        Tracee tracee = Tracee.Seize(id, id);
        if (WaitForShell(tracee))
            command.Release();
        bool isOfShell = false, hasBegun = false;
        try
        {
            while (!hasBegun)
            {
                if (TraceeWaiter.WaitFor(id) is not { } news)
                    return false;
                if (!news.IsStop)
                {
                    command.TakeEnd(EndBy(news));
                    return false;
                }

                switch (news.Kind)
                {
                    // A command with an operator is run by a shell, which becomes the last one of its parts.
                    case TraceeNewsKind.Executed when !isOfShell && LiveProcess.Find(id)?.Executable == shell:
                        isOfShell = true;
                        break;
                    case TraceeNewsKind.Executed:
                        atBeginning();
                        hasBegun = true;
                        continue;
                    case TraceeNewsKind.Forked or TraceeNewsKind.VForked or TraceeNewsKind.Cloned:
                        LetGo(tracee.EventMessage(), isKilled: isOfShell);
                        if (isOfShell)
                            return false;
                        break;
                    case TraceeNewsKind.GroupStopped:
                        tracee.Listen();
                        continue;
                }

                tracee.Continue(news.Kind == TraceeNewsKind.Signal ? news.Number : 0);
            }

            return true;
        }
        finally
        {
            if (hasBegun)
                tracee.Detach(0);
            else if (command.Wait(TimeSpan.Zero) is null && Kill(id) is { } end)
                command.TakeEnd(EndBy(end));
        }
    }

    /// <summary>
    /// The shell that waits may still be on its way out of the execve(2) by which it has come to be: that one is not the command's.
    /// </summary>
    private static bool WaitForShell(Tracee shell)
    {
        // Whatever it stops for, that is over then; and the stop that it was asked for goes with it.
        shell.Interrupt();
        return TraceeWaiter.WaitFor(shell.ThreadId) is { IsStop: true } news
            && shell.Continue(news.Kind == TraceeNewsKind.Signal ? news.Number : 0);
    }

    private static CommandExit EndBy(TraceeNews end) =>
        end.Kind == TraceeNewsKind.Exited ? new CommandExit(end.Number, 0) : new CommandExit(0, end.Number);

    /// <summary>A process that the shell has made, which is traced as it is.</summary>
    private static void LetGo(int child, bool isKilled)
    {
        if (child <= 0 || TraceeWaiter.WaitFor(child) is not { IsStop: true })
            return;
        if (isKilled)
            Kill(child);
        else
            new Tracee(child, child).Detach(0);
    }

    /// <summary>Kills a process that is traced, and takes its end; what is killed cannot be let go any more.</summary>
    private static TraceeNews? Kill(int process)
    {
        _ = Libc.Kill(process, ProcessSignal.Kill);
        TraceeNews? news;
        do
            news = TraceeWaiter.WaitFor(process);
        while (news is { IsStop: true });
        return news;
    }
}
