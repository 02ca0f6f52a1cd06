namespace Virtap.Processes.Commands;

/// <summary>How a command ended.</summary>
/// <param name="Code">Its exit status; 0 when a signal ended it.</param>
/// <param name="Signal">The number of the signal that ended it, or 0.</param>
public readonly record struct CommandExit(int Code, int Signal)
{
    /// <summary>The status a shell would give: the exit status, or 128 and the signal's number.</summary>
    public int ShellStatus => Signal == 0 ? Code : 128 + Signal;
}
