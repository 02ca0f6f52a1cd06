using Virtap.Cli.Rendering;
using Virtap.Debugging.Syntax;
using Virtap.Debugging.Targets;
using Virtap.Processes;
using Virtap.Virtio;

namespace Virtap.Cli.Words;

/// <summary>What is wrong with an expression: the message, the expression, and a caret below the part that is meant.</summary>
internal static class ExpressionWords
{
    /// <summary>Tells it on standard error.</summary>
    public static void Report(string expression, ExpressionException error, DebugTarget target)
    {
        // A device that is not found may be about to be made.
        string? starting = error.GetBaseException() is VirtioException && target.Process is LiveProcess live
            ? StartWords.OfRunning(live.Id) : null;
        StandardStreams.Report(starting is null ? $"error: {error.Message}" : $"error: {error.Message}; {starting}");
        int start = Math.Min(error.Span.Start, expression.Length), length = Math.Max(Math.Min(error.Span.Length, 1000), 1);
        StandardStreams.Report($"  {expression.ReplaceLineEndings(" ")}");
        StandardStreams.Report($"  {new string(' ', start)}{new string('^', Math.Min(length, Math.Max(expression.Length - start, 1)))}");
        if (error.Hint is { } hint)
            StandardStreams.Report($"hint: {hint}");
        else if (target.Program.Debug is null && error.Fault is ExpressionFault.UnknownName or ExpressionFault.UnknownType)
            StandardStreams.Report(
                $"hint: {Name(target)} has no debug information here: of a QEMU, vdev(NAME), VirtIODevice and VirtQueue are known from "
                    + "its code; install its debug package for all else");
    }

    private static string Name(DebugTarget target) => target.Process is { } process
        ? process.ExecutableName ?? process.Name : target.Program.File.Path;
}
