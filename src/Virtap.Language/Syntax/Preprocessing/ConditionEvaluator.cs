using System.Globalization;
using Virtap.Language.Lexing;
using Virtap.Names;

namespace Virtap.Language.Syntax.Preprocessing;

/// <summary>
/// Evaluates what stands between <c>%(</c> and <c>%?</c>: comparisons joined by <c>&amp;&amp;</c> and, less tightly, <c>||</c>; no
/// parentheses.
/// </summary>
internal sealed class ConditionEvaluator(Func<Token> next, LanguageEnvironment environment)
{
    private const string ExpectedVariable =
        "expected 'arch', 'kernel_v', 'kernel_vr', 'systemtap_v',\n"
        + "             'runtime', 'systemtap_privilege', 'CONFIG_...', or\n"
        + "             comparison between strings or integers";

    /// <summary>The first mistake.</summary>
    private Token? _mistake;

    private Token _last;
    private Token _open;

    /// <summary>Reads a condition and says whether it holds.</summary>
    /// <param name="open">Its <c>%(</c>.</param>
    /// <param name="mistake">What is wrong with it, or null.</param>
    public bool Evaluate(Token open, out Token? mistake)
    {
        _mistake = null;
        _open = open;
        bool any = false, all = true;
        do
        {
            all &= Compare();
            _last = _mistake is null ? next() : _last;
            if (_last.Kind == TokenKind.OrOr)
            {
                any |= all;
                all = true;
            }
        }
        while (_mistake is null && _last.Kind is TokenKind.AndAnd or TokenKind.OrOr);

        if (_mistake is null && _last.Kind != TokenKind.ConditionThen)
            _mistake = open.AsMistake("expected '%?' marker for conditional");
        mistake = _mistake;
        return any || all;
    }

    private Token Take() => _last = next();

    private bool Wrong(Token at, string message, string? hint = null)
    {
        _mistake ??= at.Kind == TokenKind.EndOfFile
            ? _open.AsMistake("incomplete condition after '%('", hint) : at.AsMistake(message, hint);
        return false;
    }

    private bool Compare()
    {
        var left = Take();
        if (left.Kind is not (TokenKind.Identifier or TokenKind.String or TokenKind.Number))
            return Wrong(
                left, ExpectedVariable, left.Kind == TokenKind.OpenParen
                ? "conditions have no parentheses; && binds tighter than ||" : null);
        if (left.Kind == TokenKind.Identifier && !IsVariable(left.Text!))
            return Wrong(left, ExpectedVariable);

        var comparison = Take();
        if (comparison.Kind == TokenKind.ConditionThen && left.Kind != TokenKind.Identifier)
            return Wrong(left, ExpectedVariable);
        if (comparison.Kind is not (TokenKind.EqualEqual or TokenKind.NotEqual
            or TokenKind.Less or TokenKind.LessOrEqual or TokenKind.Greater or TokenKind.GreaterOrEqual))
            return Wrong(comparison, "expected comparison operator");
        var right = Take();

        if (left.Kind == TokenKind.Number)
        {
            return right.Kind == TokenKind.Number
                ? Holds(comparison, left.Value.CompareTo(right.Value))
                : Wrong(right, "expected number literal as right value");
        }
        if (left.Kind == TokenKind.String)
        {
            return right.Kind == TokenKind.String
                ? Holds(comparison, string.CompareOrdinal(left.Text, right.Text))
                : Wrong(right, "expected string literal as right value");
        }

        string name = left.Text!;
        if (name.StartsWith("CONFIG_", StringComparison.Ordinal))
            return CompareConfiguration(name, comparison, right);
        if (name == "guru_mode")
        {
            if (right.Kind != TokenKind.Number)
                return Wrong(right, "expected number");
            return IsEquality(comparison) && Holds(comparison, environment.IsGuru == (right.Value != 0) ? 0 : 1);
        }

        if (right.Kind != TokenKind.String)
            return Wrong(right, "expected string literal");
        string value = right.Text!;
        return name switch
        {
            "kernel_v" => CompareVersion(environment.KernelRelease.Split('-')[0], comparison, value),
            "kernel_vr" => CompareVersion(environment.KernelRelease, comparison, value),
            "systemtap_v" => CompareVersion(environment.SystemTapVersion, comparison, value),
            "systemtap_privilege" => IsEquality(comparison) && Holds(comparison, string.CompareOrdinal(environment.Privilege, value)),
            "arch" => CompareWildcard(environment.Architecture, comparison, value),
            _ => CompareWildcard(environment.Runtime, comparison, value),
        };
    }

    private static bool IsVariable(string name) =>
        name is "kernel_v" or "kernel_vr" or "arch" or "systemtap_v" or "systemtap_privilege" or "guru_mode" or "runtime"
        || name.StartsWith("CONFIG_", StringComparison.Ordinal);

    private bool CompareVersion(string version, Token comparison, string value)
    {
        if (!Glob.HasWildcards(value))
            return Holds(comparison, VersionOrder.Compare(version, value));
        return comparison.Kind is TokenKind.EqualEqual or TokenKind.NotEqual
            ? CompareWildcard(version, comparison, value)
            : Wrong(comparison, "wildcard not allowed with order comparison operators");
    }

    private bool CompareWildcard(string text, Token comparison, string pattern) =>
        IsEquality(comparison) && Glob.IsMatchWithEscapes(pattern, text) == (comparison.Kind == TokenKind.EqualEqual);

    /// <summary>An option's value with a pattern, with a number, or with another option's value.</summary>
    private bool CompareConfiguration(string name, Token comparison, Token right)
    {
        string value = environment.KernelConfiguration(name) ?? "";
        switch (right.Kind)
        {
            case TokenKind.String:
                return CompareWildcard(value, comparison, right.Text!);
            case TokenKind.Number:
                return Holds(comparison, NumberOf(value).CompareTo(right.Value));
            case TokenKind.Identifier when right.Text!.StartsWith("CONFIG_", StringComparison.Ordinal):
                string other = environment.KernelConfiguration(right.Text) ?? "";
                return Holds(comparison, comparison.Kind is TokenKind.EqualEqual or TokenKind.NotEqual
                    ? string.CompareOrdinal(value, other)
                    : NumberOf(value).CompareTo(NumberOf(other)));
            default:
                return Wrong(right, "expected string, number literal or other CONFIG_... as right side operand");
        }
    }

    /// <summary>An option's number, decimal or hexadecimal as the kernel writes them; 0 for one that is none.</summary>
    private static long NumberOf(string value) =>
        value.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? long.TryParse(value.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long hex) ? hex : 0
            : long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number : 0;

    private bool IsEquality(Token comparison) =>
        comparison.Kind is TokenKind.EqualEqual or TokenKind.NotEqual || Wrong(comparison, "expected '==' or '!='");

    private static bool Holds(Token comparison, int order) => comparison.Kind switch
    {
        TokenKind.EqualEqual => order == 0,
        TokenKind.NotEqual => order != 0,
        TokenKind.Less => order < 0,
        TokenKind.LessOrEqual => order <= 0,
        TokenKind.Greater => order > 0,
        _ => order >= 0,
    };
}
