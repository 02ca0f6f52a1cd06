namespace Virtap.Tracing.Patterns;

/// <summary>A regular expression that no automaton of bounded size can be made of.</summary>
/// <param name="message">What there would be too much of.</param>
public sealed class PatternTooLargeException(string message) : Exception(message);
