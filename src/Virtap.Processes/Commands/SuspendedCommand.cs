using System.Threading;
using Virtap.Interop;
using Virtap.Processes.Access;

namespace Virtap.Processes.Commands;

/// <summary>
/// The command of <c>-c CMD</c>: started, with its process id known, but held back until <see cref="Release"/>, so that probes can be
/// attached first. It runs in this process's process group, on its terminal, with its environment. No ptrace: a shell waits on a pipe and
/// then becomes the command.
/// </summary>
/// <remarks>
/// If this process ends before it releases the command, by whatever signal, the shell reads the end of the pipe and ends: the command
/// never runs. After the release the command is a child like any other, and lives on if this process ends.
/// </remarks>
public sealed unsafe class SuspendedCommand : IDisposable
{
    // The shell's end of the pipe. Shells take one digit only in redirections; commands seldom inherit a 9.
    private const int GateFile = 9;
    // The same number on every processor since 5.1.
    private const int PidfdOpen = 434;

    // What ends or joins simple commands in a shell; `exec` before one of several would change the meaning.
    private static readonly System.Buffers.SearchValues<char> s_compound = System.Buffers.SearchValues.Create("|&;<>(){}\n`");

    private int _gate;
    private CommandExit? _exit;

    private SuspendedCommand(int processId, int gate)
    {
        ProcessId = processId;
        _gate = gate;
        Descriptor = (int)Libc.Syscall(PidfdOpen, processId, 0);
    }

    /// <summary>
    /// The process id, now of the waiting shell and then of the command. (Of a shell that runs it, when the command is more than one
    /// simple command.)
    /// </summary>
    public int ProcessId { get; }

    /// <summary>A descriptor (pidfd) that poll(2) finds readable when the command has ended; -1 on kernels before 5.3.</summary>
    public int Descriptor { get; }

    /// <summary>
    /// Starts a command that waits. Its words are parsed as a shell does: quotes, variables, patterns. A command line with operators (<c>;
    /// | &amp;&amp; &gt;</c> ...) is run by <c>/bin/sh -c</c>.
    /// </summary>
    /// <exception cref="ProcessException">No process could be made.</exception>
    public static SuspendedCommand Start(string command)
    {
        bool simple = command.AsSpan().IndexOfAny(s_compound) < 0 && !StartsWithAssignment(command);
        string run = simple ? "eval \"exec $1\"" : "exec /bin/sh -c \"$1\"";
        int* ends = stackalloc int[2];
        if (Libc.Pipe(ends, Libc.CloseOnExec) != 0)
            throw new ProcessException("no pipe for the command: " + Errno.Text(Errno.Last));
        try
        {
            string script = $"read -r go <&{GateFile} || exit 127; exec {GateFile}<&-; unset go; {run}";
            int pid = Shell.Spawn((ends[0], GateFile), "sh", "-c", script, "virtap: the command", command);
            return new SuspendedCommand(pid, ends[1]);
        }
        catch
        {
            _ = Libc.Close(ends[1]);
            throw;
        }
        finally
        {
            _ = Libc.Close(ends[0]);
        }
    }

    /// <summary>Lets the command run.</summary>
    public void Release()
    {
        if (_gate < 0)
            return;
        byte newline = (byte)'\n';
        // A shell that was killed meanwhile has closed its end; its exit status tells. (SIGPIPE is ignored by the runtime.)
        _ = Libc.Write(_gate, &newline, 1);
        CloseGate();
    }

    /// <summary>Waits for the end of the command.</summary>
    /// <param name="limit">How long at most; zero to look only, <see cref="Timeout.InfiniteTimeSpan"/> for ever.</param>
    /// <returns>How it ended; null while it runs.</returns>
    public CommandExit? Wait(TimeSpan limit)
    {
        long start = Environment.TickCount64;
        while (true)
        {
            int status;
            if (_exit is null && Libc.WaitPid(ProcessId, &status, Libc.NoHang) == ProcessId)
                _exit = (status & 0x7f) == 0 ? new CommandExit(status >> 8 & 0xff, 0) : new CommandExit(0, status & 0x7f);
            double left = limit == Timeout.InfiniteTimeSpan ? int.MaxValue : limit.TotalMilliseconds - (Environment.TickCount64 - start);
            if (_exit is not null || left <= 0)
                return _exit;
            // Without a pidfd, look every few milliseconds. A signal to this process ends the wait early, and the loop goes round.
            var entry = new PollEntry { File = Descriptor, Events = PollEntry.Readable };
            _ = Libc.Poll(&entry, 1, (int)Math.Ceiling(Math.Min(left, Descriptor >= 0 ? int.MaxValue : 5)));
        }
    }

    /// <summary>Has it be known how it ended, by who has been told of it in place of <see cref="Wait"/>: its tracer.</summary>
    internal void TakeEnd(CommandExit exit) => _exit = exit;

    /// <summary>Sends the command a signal, unless it has ended.</summary>
    public void Signal(int number)
    {
        // The id stays the command's until Wait has taken its status.
        if (Wait(TimeSpan.Zero) is null)
            _ = Libc.Kill(ProcessId, number);
    }

    /// <summary>A command that was not released is ended; one that was runs on.</summary>
    public void Dispose()
    {
        if (_gate >= 0)
        {
            Signal(ProcessSignal.Kill);
            CloseGate();
            if (_exit is null)
                _ = Libc.WaitPid(ProcessId, null, 0);
        }

        if (Descriptor >= 0)
            _ = Libc.Close(Descriptor);
        GC.SuppressFinalize(this);
    }

    // NAME=value before a command is the shell's own; after `exec` it would be taken for the command.
    private static bool StartsWithAssignment(string command)
    {
        ReadOnlySpan<char> word = command.AsSpan().TrimStart();
        int length = 0;
        while (length < word.Length && (char.IsAsciiLetterOrDigit(word[length]) || word[length] == '_'))
            length++;
        return length > 0 && length < word.Length && word[length] == '=';
    }

    private void CloseGate()
    {
        _ = Libc.Close(_gate);
        _gate = -1;
    }
}

/// <summary>How a command ended.</summary>
/// <param name="Code">Its exit status; 0 when a signal ended it.</param>
/// <param name="Signal">The number of the signal that ended it, or 0.</param>
public readonly record struct CommandExit(int Code, int Signal);
