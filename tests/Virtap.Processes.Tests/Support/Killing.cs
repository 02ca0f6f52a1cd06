using System.Diagnostics;
using Virtap.Processes.Commands;

namespace Virtap.Processes.Tests.Support;

/// <summary>How tests end what they have traced.</summary>
internal static class Killing
{
    private const int KillSignal = 9;

    /// <summary>
    /// Kills a child and lets go of it. By kill(2): .NET takes the stop of a traced child for its end, kills nothing then, and may wait
    /// for ever for another child, such as kill(1).
    /// </summary>
    public static void End(Process process)
    {
        _ = ProcessSignal.Send(process.Id, KillSignal);
        process.Dispose();
    }
}
