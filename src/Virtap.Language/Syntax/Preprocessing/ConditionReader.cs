using Virtap.Language.Lexing;

namespace Virtap.Language.Syntax.Preprocessing;

/// <summary>
/// The preprocessor's second pass: decides <c>%( condition %? … %: … %)</c> and lets through what holds. What does not hold is skipped
/// unseen, broken literals and all.
/// </summary>
internal sealed class ConditionReader
{
    private readonly Func<Token> _next;
    private readonly Func<Token> _nextWritten;
    private readonly ConditionEvaluator _evaluator;

    /// <summary>
    /// The conditions that are open, the innermost on top: each one's <c>%(</c>, and whether its second branch is what is read.
    /// </summary>
    private readonly Stack<(Token Open, bool IsElse)> _conditions = new();

    /// <summary>Decides the conditions in a stream of tokens.</summary>
    /// <param name="next">The next token, macros expanded.</param>
    /// <param name="nextWritten">The next one in what is left out, where macros mean nothing.</param>
    /// <param name="environment">What may be asked.</param>
    public ConditionReader(Func<Token> next, Func<Token> nextWritten, LanguageEnvironment environment)
    {
        (_next, _nextWritten) = (next, nextWritten);
        _evaluator = new ConditionEvaluator(next, environment);
    }

    /// <summary>The next token that holds; a mistake comes as junk.</summary>
    public Token Next()
    {
        while (true)
        {
            var token = _next();
            Token? mistake = null;
            switch (token.Kind)
            {
                case TokenKind.ConditionOpen:
                    mistake = Begin(token);
                    break;
                case TokenKind.ConditionElse when _conditions.TryPop(out var condition):
                    mistake = condition.IsElse ? token.AsMistake("invalid conditional - duplicate '%:'") : null;
                    mistake = SkipToEnd(condition.Open) ?? mistake;
                    break;
                case TokenKind.ConditionClose when _conditions.TryPop(out _):
                    break;
                case TokenKind.ConditionThen or TokenKind.ConditionElse or TokenKind.ConditionClose:
                    return token.AsMistake("incomplete conditional - missing '%('");
                case TokenKind.EndOfFile when _conditions.TryPop(out var condition):
                    return condition.Open.AsMistake("incomplete conditional at end of file");
                default:
                    return token;
            }
            if (mistake is { } wrong)
                return wrong;
        }
    }

    private Token? Begin(Token open)
    {
        // What is left of one that is wrong is read on as if it were none, as SystemTap does.
        bool holds = _evaluator.Evaluate(open, out var mistake);
        if (mistake is not null)
            return mistake;
        if (holds)
        {
            _conditions.Push((open, false));
            return null;
        }

        var end = Skip(stopAtElse: true);
        if (end.Kind == TokenKind.ConditionElse)
            _conditions.Push((open, true));
        return end.Kind == TokenKind.EndOfFile ? open.AsMistake("incomplete conditional at end of file") : null;
    }

    private Token? SkipToEnd(Token open)
    {
        var end = Skip(stopAtElse: true);
        if (end.Kind == TokenKind.ConditionElse)
        {
            Skip(stopAtElse: false);
            return end.AsMistake("invalid conditional - duplicate '%:'");
        }
        return end.Kind == TokenKind.EndOfFile ? open.AsMistake("incomplete conditional at end of file") : null;
    }

    /// <summary>Skips to the end of the innermost condition, or to its next branch.</summary>
    private Token Skip(bool stopAtElse)
    {
        for (int depth = 0; ;)
        {
            var token = _nextWritten();
            if (token.Kind == TokenKind.ConditionOpen)
                depth++;
            else if (token.Kind == TokenKind.EndOfFile
                || (token.Kind == TokenKind.ConditionClose && depth-- == 0)
                || (token.Kind == TokenKind.ConditionElse && depth == 0 && stopAtElse))
                return token;
        }
    }
}
