namespace Virtap.Language.Patterns;

/// <summary>
/// A regular expression of a script, as <c>=~</c> takes it: a POSIX extended one over bytes, with SystemTap's ways of reading what POSIX
/// leaves open.
/// </summary>
/// <param name="Text">As the script has it, escapes resolved.</param>
/// <param name="Root">What it consists of.</param>
/// <param name="Groups">How many pairs of parentheses it has.</param>
public sealed record Pattern(string Text, PatternNode Root, int Groups);

/// <summary>A part of a regular expression.</summary>
public abstract record PatternNode;

/// <summary>One byte of a set.</summary>
public sealed record PatternByte(ByteSet Set) : PatternNode;

/// <summary>Parts one after the other; none match the empty text.</summary>
public sealed record PatternSequence(IReadOnlyList<PatternNode> Parts) : PatternNode;

/// <summary>One of several, the first preferred.</summary>
public sealed record PatternChoice(IReadOnlyList<PatternNode> Alternatives) : PatternNode;

/// <summary>
/// A part so many times, as often as possible; null where there is no limit. A limit below the least number matches nothing, as in
/// SystemTap.
/// </summary>
public sealed record PatternRepeat(PatternNode Part, int Min, int? Max) : PatternNode;

/// <summary>Parentheses; the first are number 1.</summary>
public sealed record PatternGroup(int Number, PatternNode Content) : PatternNode;

/// <summary><c>^</c>: the text's start; <c>$</c>: its end.</summary>
public sealed record PatternAnchor(bool IsEnd) : PatternNode;

/// <summary>A regular expression that cannot be read.</summary>
/// <param name="message">SystemTap's words.</param>
/// <param name="position">The byte of the expression where it was noticed; null where SystemTap does not say.</param>
public sealed class PatternException(string message, int? position) : Exception(message)
{
    /// <summary>The byte of the expression where it was noticed.</summary>
    public int? Position { get; } = position;
}
