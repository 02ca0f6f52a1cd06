namespace Virtap.Cli;

/// <summary>A command cannot do what it was asked to; the message says why, and what to say instead.</summary>
internal sealed class CommandException(string message) : Exception(message);
