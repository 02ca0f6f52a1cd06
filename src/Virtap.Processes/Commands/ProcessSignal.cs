using Virtap.Interop;

namespace Virtap.Processes.Commands;

/// <summary>
/// Signals to processes, and the numbers of those that Virtap itself sends, gets or waits for (signal(7); the same on x86-64 and aarch64).
/// </summary>
public static class ProcessSignal
{
    public const int HangUp = 1, Interrupt = 2, Quit = 3, Trap = 5, Kill = 9, User1 = 10, User2 = 12, Terminate = 15, TerminalStop = 20;

    /// <summary>Sends one; false where there is no such process, or this one may not.</summary>
    public static bool Send(int processId, int signal) => Libc.Kill(processId, signal) == 0;
}
