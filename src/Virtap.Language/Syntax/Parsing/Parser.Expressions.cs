using Virtap.Language.Lexing;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Syntax.Parsing;

internal sealed partial class Parser
{
    // From the loosest to the tightest.
    private const int OrLevel = 1;
    private const int MembershipLevel = 6;
    private const int ComparisonLevel = 7;
    private const int MatchLevel = 8;
    private const int ShiftLevel = 9;
    private const int TightestLevel = 12;

    /// <summary>How deep the expression that was parsed last is.</summary>
    private int _height;

    private ExpressionSyntax ParseExpression()
    {
        if (!Enter())
            return Nothing();
        var target = ParseConditional();
        if (AssignmentOf(Kind) is { } operation)
        {
            int height = _height;
            var sign = Take();
            var value = ParseExpression();
            target = new AssignmentSyntax(target.Span.To(value.Span), sign.Span, operation, target, value);
            Grow(height, sign);
        }
        Leave();
        return target;
    }

    private ExpressionSyntax ParseConditional()
    {
        var condition = ParseBinary(OrLevel);
        if (Kind != TokenKind.Question)
            return condition;

        int height = _height;
        var sign = Take();
        var whenTrue = ParseExpression();
        height = Math.Max(height, _height);
        Expect(TokenKind.Colon);
        if (!Enter())
            return condition;
        var whenFalse = ParseConditional();
        Leave();
        Grow(height, sign);
        return new ConditionalSyntax(condition.Span.To(whenFalse.Span), sign.Span, condition, whenTrue, whenFalse);
    }

    /// <summary>
    /// Operators of at least a level, by precedence climbing. Membership and matching have no expression at their right, so what binds
    /// tighter than them may not follow them: <paramref name="min"/> and the local ceiling are the grammar's levels seen from both
    /// sides.
    /// </summary>
    private ExpressionSyntax ParseBinary(int min)
    {
        int max = TightestLevel;
        ExpressionSyntax left;
        if (Kind == TokenKind.OpenBracket && min <= MembershipLevel)
        {
            left = ParseKeyList();
            max = MembershipLevel - 1;
        }
        else
        {
            left = ParseUnary();
        }

        while (true)
        {
            var (operation, level) = BinaryOf(Kind);
            if (level < min || level > max)
                return left;

            int height = _height;
            var sign = Take();
            switch (level)
            {
                case MembershipLevel:
                    left = ParseMembership(sign, [left], left.Span);
                    max = MembershipLevel - 1;
                    break;
                case MatchLevel:
                    var pattern = ParseString("expected literal string");
                    left = new BinarySyntax(left.Span.To(pattern.Span), sign.Span, operation, left, pattern);
                    max = MembershipLevel;
                    break;
                default:
                    // The right side of a comparison is not a match: a < (b =~ "c") takes parentheses.
                    var right = ParseBinary(level == ComparisonLevel ? ShiftLevel : level + 1);
                    left = new BinarySyntax(left.Span.To(right.Span), sign.Span, operation, left, right);
                    max = level;
                    break;
            }
            Grow(height, sign);
        }
    }

    /// <summary><c>[a, *] in array</c>; a single key without <c>in</c> is just an expression.</summary>
    private ExpressionSyntax ParseKeyList()
    {
        var open = Current;
        var keys = ParseKeys();
        if (TryTake(TokenKind.In))
            return ParseMembership(_tokens[_position - 1], keys, open.Span);
        if (keys is [{ } single])
            return single;
        if (keys is [null])
            Fail("expected 'in'");
        else
            Fail("unexpected comma-separated expression list", "keys in brackets stand before 'in'");
        return Nothing();
    }

    private MembershipSyntax ParseMembership(Token sign, IReadOnlyList<ExpressionSyntax?> keys, SourceSpan start)
    {
        var collection = ParseCollection();
        return new MembershipSyntax(start.To(collection.Span), sign.Span, keys, collection);
    }

    private ExpressionSyntax ParseUnary()
    {
        var sign = Current;
        SyntaxOperator operation;
        switch (sign.Kind)
        {
            case TokenKind.Plus:
                operation = SyntaxOperator.Plus;
                break;
            case TokenKind.Minus:
                operation = SyntaxOperator.Negate;
                break;
            case TokenKind.Not:
                operation = SyntaxOperator.LogicalNot;
                break;
            case TokenKind.Tilde:
                operation = SyntaxOperator.BitNot;
                break;
            case TokenKind.PlusPlus or TokenKind.MinusMinus:
                Take();
                var place = ParseReference();
                Grow(_height, sign);
                return new IncrementSyntax(sign.Span.To(place.Span), sign.Span, IncrementOf(sign.Kind), IsPrefix: true, place);
            default:
                return ParsePostfix();
        }

        Take();
        if (!Enter())
            return Nothing();
        var operand = ParseUnary();
        Leave();
        Grow(_height, sign);
        return new UnarySyntax(sign.Span.To(operand.Span), sign.Span, operation, operand);
    }

    private ExpressionSyntax ParsePostfix()
    {
        var operand = ParseReference();
        if (Kind is not (TokenKind.PlusPlus or TokenKind.MinusMinus))
            return operand;
        var sign = Take();
        Grow(_height, sign);
        return new IncrementSyntax(operand.Span.To(sign.Span), sign.Span, IncrementOf(sign.Kind), IsPrefix: false, operand);
    }

    /// <summary>Notes that a node stands over expressions of a height.</summary>
    private void Grow(int height, Token at)
    {
        _height = Math.Max(height, _height) + 1;
        if (_height > MaxDepth)
            FailAt(at, $"expression more than {MaxDepth} operators deep", "break it up with variables");
    }

    private NumberSyntax Nothing() => new NumberSyntax(Current.Span, 0);

    private static SyntaxOperator IncrementOf(TokenKind kind) =>
        kind == TokenKind.PlusPlus ? SyntaxOperator.Increment : SyntaxOperator.Decrement;

    private static (SyntaxOperator Operation, int Level) BinaryOf(TokenKind kind) => kind switch
    {
        TokenKind.OrOr => (SyntaxOperator.LogicalOr, OrLevel),
        TokenKind.AndAnd => (SyntaxOperator.LogicalAnd, 2),
        TokenKind.Bar => (SyntaxOperator.BitOr, 3),
        TokenKind.Caret => (SyntaxOperator.BitXor, 4),
        TokenKind.Ampersand => (SyntaxOperator.BitAnd, 5),
        TokenKind.In => (default, MembershipLevel),
        TokenKind.Less => (SyntaxOperator.Less, ComparisonLevel),
        TokenKind.LessOrEqual => (SyntaxOperator.LessOrEqual, ComparisonLevel),
        TokenKind.Greater => (SyntaxOperator.Greater, ComparisonLevel),
        TokenKind.GreaterOrEqual => (SyntaxOperator.GreaterOrEqual, ComparisonLevel),
        TokenKind.EqualEqual => (SyntaxOperator.Equal, ComparisonLevel),
        TokenKind.NotEqual => (SyntaxOperator.NotEqual, ComparisonLevel),
        TokenKind.Match => (SyntaxOperator.Match, MatchLevel),
        TokenKind.NotMatch => (SyntaxOperator.NotMatch, MatchLevel),
        TokenKind.ShiftLeft => (SyntaxOperator.ShiftLeft, ShiftLevel),
        TokenKind.ShiftRight => (SyntaxOperator.ShiftRight, ShiftLevel),
        TokenKind.ShiftRightLogical => (SyntaxOperator.ShiftRightLogical, ShiftLevel),
        TokenKind.Dot => (SyntaxOperator.Concatenate, 10),
        TokenKind.Plus => (SyntaxOperator.Add, 11),
        TokenKind.Minus => (SyntaxOperator.Subtract, 11),
        TokenKind.Star => (SyntaxOperator.Multiply, TightestLevel),
        TokenKind.Slash => (SyntaxOperator.Divide, TightestLevel),
        TokenKind.Percent => (SyntaxOperator.Modulo, TightestLevel),
        _ => (default, 0),
    };

    private static SyntaxOperator? AssignmentOf(TokenKind kind) => kind switch
    {
        TokenKind.Equal => SyntaxOperator.Assign,
        TokenKind.Accumulate => SyntaxOperator.Accumulate,
        TokenKind.PlusEqual => SyntaxOperator.Add,
        TokenKind.MinusEqual => SyntaxOperator.Subtract,
        TokenKind.StarEqual => SyntaxOperator.Multiply,
        TokenKind.SlashEqual => SyntaxOperator.Divide,
        TokenKind.PercentEqual => SyntaxOperator.Modulo,
        TokenKind.AmpersandEqual => SyntaxOperator.BitAnd,
        TokenKind.BarEqual => SyntaxOperator.BitOr,
        TokenKind.CaretEqual => SyntaxOperator.BitXor,
        TokenKind.ShiftLeftEqual => SyntaxOperator.ShiftLeft,
        TokenKind.ShiftRightEqual => SyntaxOperator.ShiftRight,
        TokenKind.DotEqual => SyntaxOperator.Concatenate,
        _ => null,
    };
}
