using Virtap.Cli.Rendering;
using Virtap.Language;
using Virtap.Processes.Control;
using Virtap.Processes.Cores;

namespace Virtap.Cli.Debug.Prompts;

/// <summary>Threads, in gdb's text.</summary>
internal static class ThreadText
{
    /// <summary>A thread by its numbers.</summary>
    public static string TargetId(TracedThread thread) => TargetId(thread.IsStopped ? thread.Kernel.ThreadPointer : null, thread.Id);

    /// <summary>A thread of a core by its numbers.</summary>
    public static string TargetId(CoreThread thread) => TargetId(thread.Kernel.ThreadPointer, thread.Id);

    private static string TargetId(ulong? pointer, int id) => pointer is > 0
        ? Figures.Invariant($"Thread 0x{pointer.Value:x} (LWP {id})") : Figures.Invariant($"Thread (LWP {id})");

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
