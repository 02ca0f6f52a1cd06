using Virtap.Debugging.Sessions;
using Virtap.Processes.Control;

namespace Virtap.Cli.Debug.Prompts;

/// <summary>What commands cannot do without, refused in gdb's words.</summary>
internal static class Require
{
    /// <summary>A process that can go on.</summary>
    /// <exception cref="PromptException">There is none.</exception>
    public static Inferior Process(DebugSession session) => session.Inferior is { IsAlive: true } inferior ? inferior
        : throw new PromptException("The program is not being run.");

    /// <summary>A thread that stands still, in a process or in a core.</summary>
    /// <exception cref="PromptException">There is none.</exception>
    public static void Stack(DebugSession session)
    {
        if (!session.HasStack)
            throw new PromptException("No stack.");
    }
}
