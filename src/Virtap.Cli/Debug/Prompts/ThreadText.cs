using Virtap.Cli.Rendering;
using Virtap.Language;
using Virtap.Processes.Control;

namespace Virtap.Cli.Debug.Prompts;

/// <summary>Threads, in gdb's text.</summary>
internal static class ThreadText
{
    /// <summary>A thread by its numbers.</summary>
    public static string TargetId(TracedThread thread) => thread is { IsStopped: true, ThreadPointer: > 0 and ulong pointer }
        ? Figures.Invariant($"Thread 0x{pointer:x} (LWP {thread.Id})") : Figures.Invariant($"Thread (LWP {thread.Id})");

    /// <summary>A thread by its numbers and its name.</summary>
    public static string Named(TracedThread thread) => $"{TargetId(thread)} \"{NameOf(thread)}\"";

    /// <summary>Who has come upon something.</summary>
    /// <param name="thread">The thread.</param>
    /// <param name="isOneOfSeveral">Whether its process has others: else the program is meant.</param>
    public static string Who(TracedThread thread, bool isOneOfSeveral) =>
        isOneOfSeveral ? Figures.Invariant($"Thread {thread.Number} \"{NameOf(thread)}\"") : "Program";

    /// <summary>A thread's name, which the process chooses: what it holds makes no line of its own.</summary>
    private static string NameOf(TracedThread thread) => PrintableText.OfLine(thread.Name);
}
