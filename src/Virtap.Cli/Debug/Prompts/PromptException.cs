using Virtap.Cli.Commands;
using Virtap.Cli.Words;
using Virtap.Debugging.Locations;
using Virtap.Debugging.Syntax;
using Virtap.Debugging.Values;
using Virtap.Processes.Access;
using Virtap.Processes.Control;
using Virtap.Processes.Stops;

namespace Virtap.Cli.Debug.Prompts;

/// <summary>A command cannot be carried out. The message is gdb's where gdb has one.</summary>
internal sealed class PromptException(string message) : Exception(message)
{
    /// <summary>What is wrong, of all that can be wrong with what a debugger is asked; null for what is a mistake of ours.</summary>
    public static string? Reason(Exception e) => e switch
    {
        ExpressionException { Hint: { } hint } => $"{e.Message}\nhint: {hint}",
        LocationException { Hint: { } hint } => $"{e.Message}\nhint: {hint}",
        ValueException or LocationException or PromptException or InferiorGoneException or ProcessException
            or CommandException => e.Message,
        ThreadStopException stop => "the process cannot be debugged: " + StopWords.Of(stop),
        IOException or UnauthorizedAccessException => e.Message,
        _ => null,
    };
}
