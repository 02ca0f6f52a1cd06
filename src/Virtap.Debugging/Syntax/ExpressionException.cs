using Virtap.Debugging.Values;

namespace Virtap.Debugging.Syntax;

/// <summary>A part of an expression's text.</summary>
/// <param name="Start">Its first character, from 0.</param>
/// <param name="Length">How many characters.</param>
public readonly record struct TextSpan(int Start, int Length)
{
    /// <summary>From the start of one to the end of another.</summary>
    public static TextSpan Over(TextSpan first, TextSpan last) =>
        new(first.Start, Math.Max(last.Start + last.Length - first.Start, first.Length));
}

/// <summary>What is wrong with an expression.</summary>
public enum ExpressionFault
{
    /// <summary>It is none, or has no value.</summary>
    Invalid,

    /// <summary>It names a variable, a function or a scope that is not there.</summary>
    UnknownName,

    /// <summary>It names a type that is not there.</summary>
    UnknownType,

    /// <summary>It names a member that its structure has not.</summary>
    UnknownMember,
}

/// <summary>
/// An expression cannot be read, or has no value. The message is gdb's where gdb has one, so that who knows gdb knows what it means.
/// </summary>
public sealed class ExpressionException : ValueException
{
    /// <summary>Creates it.</summary>
    /// <param name="span">The part of the expression that is meant.</param>
    /// <param name="message">What is wrong with it.</param>
    /// <param name="hint">What to write instead; null where nobody knows.</param>
    /// <param name="reason">What has caused it.</param>
    public ExpressionException(TextSpan span, string message, string? hint = null, Exception? reason = null)
        : base(message, reason)
    {
        (Span, Hint) = (span, hint);
    }

    /// <summary>What is wrong.</summary>
    public ExpressionFault Fault { get; init; }

    /// <summary>The part of the expression that is meant.</summary>
    public TextSpan Span { get; }

    /// <summary>What to write instead; null where nobody knows.</summary>
    public string? Hint { get; }
}
