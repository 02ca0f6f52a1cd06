using Virtap.Interop;

namespace Virtap.Processes.Commands;

/// <summary>Signals to processes.</summary>
public static class ProcessSignal
{
    /// <summary>Sends one; false where there is no such process, or this one may not.</summary>
    public static bool Send(int processId, int signal) => Libc.Kill(processId, signal) == 0;
}
