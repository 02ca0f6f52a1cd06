using System.Diagnostics;

namespace Virtap.Processes.Tests.Support;

/// <summary>How tests end what they have traced.</summary>
internal static class Killing
{
    /// <summary>
    /// Kills a child and lets go of it. By kill(1): .NET takes the stop of a traced child for its end, and kills nothing then.
    /// </summary>
    public static void End(Process process)
    {
        using (Process kill = Process.Start("/bin/kill", ["-KILL", $"{process.Id}"]))
            kill.WaitForExit();
        process.Dispose();
    }
}
