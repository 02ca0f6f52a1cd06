namespace Virtap.Language.Syntax.Lexing;

/// <summary>What is wrong with a token; reported only when the parser comes to it, for what a condition leaves out may be anything.</summary>
/// <param name="Message">In SystemTap's words where it has some.</param>
/// <param name="Hint">What may help, or null.</param>
/// <param name="Subject">The token in the words of a message, for a good token in a wrong place; null for one that is broken itself.</param>
internal sealed record TokenError(string Message, string? Hint = null, string? Subject = null);
