using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Virtap.EndToEnd;

/// <summary>Signals that end a process, sent to the tenth of a millisecond.</summary>
public static partial class Signals
{
    /// <summary>Their names and numbers, alike on x86-64 and arm64.</summary>
    public static IReadOnlyDictionary<string, int> Numbers { get; } =
        new Dictionary<string, int> { ["HUP"] = 1, ["INT"] = 2, ["KILL"] = 9, ["TERM"] = 15 };

    /// <summary>Every order of two of them, the same one twice included.</summary>
    public static IEnumerable<(string First, string Second)> Pairs =>
        from first in Numbers.Keys from second in Numbers.Keys select (first, second);

    /// <summary>
    /// A command with signals as a shell starts it: under nohup, or in the background of a script, some are ignored, and
    /// that is inherited.
    /// </summary>
    public static string[] Heeded(params IEnumerable<string> command) => ["--default-signal=HUP,INT,TERM", .. command];

    /// <summary>Sends one; a process that has ended gets none.</summary>
    public static void Send(Process process, string name)
    {
        if (!process.HasExited)
            _ = NativeMethods.Kill(process.Id, Numbers[name]);
    }

    /// <summary>Waits, more exactly than a sleep does, unless the process ends before.</summary>
    public static void Wait(Process process, double milliseconds)
    {
        var end = Stopwatch.GetTimestamp() + (long)(milliseconds * Stopwatch.Frequency / 1000);
        while (Stopwatch.GetTimestamp() < end && !process.HasExited)
        {
            if (end - Stopwatch.GetTimestamp() > Stopwatch.Frequency / 500)
                Thread.Sleep(1);
        }
    }

    private static partial class NativeMethods
    {
        [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
        public static partial int Kill(int process, int signal);
    }
}
