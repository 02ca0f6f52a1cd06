using Virtap.Interop;
using Virtap.Processes.Access;

namespace Virtap.Processes.Commands;

/// <summary>
/// Commands that a shell runs beside this process, on its terminal, with its environment; nobody waits for them, and they live on when it
/// ends.
/// </summary>
public sealed unsafe class BackgroundCommands
{
    private readonly List<int> _running = [];

    /// <summary>Has <c>/bin/sh -c</c> run a command.</summary>
    /// <exception cref="ProcessException">No process could be made.</exception>
    public void Start(string command)
    {
        _running.RemoveAll(static pid => Libc.WaitPid(pid, null, Libc.NoHang) == pid);
        _running.Add(Shell.Spawn(file: null, "sh", "-c", command));
    }
}
