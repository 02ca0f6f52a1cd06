using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Virtap.Interop;
using Virtap.Processes.Access;

namespace Virtap.Processes.Commands;

/// <summary>
/// A command for the case that this process is killed, by whatever signal: a shell in a session of its own waits for that, on a pipe whose
/// other end only this process has. Disposed of, it ends without having run anything.
/// </summary>
public sealed unsafe class CommandAtDeath : IDisposable
{
    // A line says that all is well; an end without one is this process's.
    private const string Waiting = "trap '' HUP INT QUIT TERM; cd /; exec >/dev/null 2>&1; read -r line && exit; ";

    private readonly SafeFileHandle _alive;
    private readonly int _shell;

    /// <summary>Starts the shell.</summary>
    /// <param name="command">The command; <c>$1</c> and so on are the arguments.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <exception cref="ProcessException">No process could be made.</exception>
    public CommandAtDeath(string command, params IEnumerable<string> arguments)
    {
        int* ends = stackalloc int[2];
        if (Libc.Pipe(ends, Libc.CloseOnExec) != 0)
            throw new ProcessException("a pipe cannot be made: " + Errno.Text(Errno.Last));
        _alive = new SafeFileHandle(ends[1], ownsHandle: true);
        try
        {
            _shell = Shell.SpawnApart(ends[0], ["sh", "-c", Waiting + command, "sh", .. arguments]);
        }
        catch (ProcessException)
        {
            _alive.Dispose();
            throw;
        }
        finally
        {
            _ = Libc.Close(ends[0]);
        }
    }

    /// <summary>Ends the shell, and waits for that.</summary>
    public void Dispose()
    {
        if (_alive.IsClosed)
            return;
        byte line = (byte)'\n';
        _ = Libc.Write((int)_alive.DangerousGetHandle(), &line, 1);
        _alive.Dispose();
        while (Libc.WaitPid(_shell, null, 0) < 0 && Errno.Last == Errno.Interrupted)
        {
        }
    }
}
