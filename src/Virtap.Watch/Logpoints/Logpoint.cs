using System.Globalization;
using Virtap.Debugging.Evaluation;
using Virtap.Debugging.Locations;
using Virtap.Debugging.Syntax;
using Virtap.Debugging.Values;
using Virtap.Language;
using Virtap.Processes;

namespace Virtap.Watch.Logpoints;

/// <summary>A place of a process where C expressions are read each time that a thread passes, without stopping it.</summary>
/// <param name="ProcessId">The process.</param>
/// <param name="Location">The place.</param>
/// <param name="Scope">What names of types stand for there, and the memory behind pointers.</param>
public sealed record Logpoint(int ProcessId, CodeLocation Location, TargetScope Scope)
{
    /// <summary>What is read, in this order.</summary>
    public IReadOnlyList<string> Expressions { get; init; } = [];

    /// <summary>An expression that has to be true for a hit to count; null for none.</summary>
    public string? Condition { get; init; }

    /// <summary>
    /// The place as a script's probe point: the very address, so that all agree on where it is. In the program that the process runs no
    /// other process gets a breakpoint.
    /// </summary>
    internal string Point
    {
        get
        {
            ulong linked = Location.Address - (Location.Image?.Bias ?? 0);
            string? file = Location.Image?.Name;
            string what = file is not null && LiveProcess.Find(ProcessId)?.ExecutableName == file
                ? ProcessId.ToString(CultureInfo.InvariantCulture) : $"\"{Quoting.Escape(file ?? "")}\"";
            return string.Create(CultureInfo.InvariantCulture, $"process({what}).statement(0x{linked:x})");
        }
    }

    /// <summary>After how many hits it ends; null for when a signal comes.</summary>
    public long? Count { get; init; }
}

/// <summary>A thread has passed a logpoint.</summary>
/// <param name="Time">When, to the microsecond.</param>
/// <param name="ThreadId">The thread, by its id.</param>
/// <param name="ThreadName">What the thread is called: any bytes but zero, read as UTF-8.</param>
/// <param name="Values">What the expressions stood for at that instant. What pointers among them lead to is read when asked for.</param>
public sealed record LogpointHit(DateTimeOffset Time, int ThreadId, string ThreadName, IReadOnlyList<Value> Values);

/// <summary>An expression of a logpoint is none that the kernel can read.</summary>
/// <param name="expression">The expression.</param>
/// <param name="reason">What is wrong, and with which part of it.</param>
public sealed class LogpointException(string expression, ExpressionException reason) : WatchException(reason.Message, reason)
{
    /// <summary>The expression.</summary>
    public string Expression { get; } = expression;

    /// <summary>What is wrong, and with which part of it.</summary>
    public ExpressionException Reason { get; } = reason;
}
