namespace Virtap.Cli.Marks;

/// <summary>There is nothing to show; the message says why.</summary>
internal sealed class MarksException(string message) : Exception(message);
