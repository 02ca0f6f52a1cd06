using Virtap.Language.Binding.Tree;
using Virtap.Language.Library;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Lowering.Analysis;
using Virtap.Tracing.Patterns;

namespace Virtap.Tracing.Lowering;

/// <summary>
/// Regular expressions. Each becomes a table, once. Where a script asks for groups, a match is a statement, which leaves behind what it
/// has found; otherwise it is an expression without an effect, and its table the smaller one.
/// </summary>
public sealed partial class Lowerer
{
    /// <summary>What the last match of a handler has found: words and a text of the context that no function's slots hold.</summary>
    /// <param name="Groups">How many groups, or 0 where it failed.</param>
    /// <param name="Text">What was looked at.</param>
    /// <param name="Bounds">The first of the table's registers: those of the groups, and more for the machine to work with.</param>
    /// <param name="Count">Registers of groups.</param>
    /// <param name="End">What lies behind them.</param>
    private sealed record MatchSlots(ContextSlot Groups, ContextSlot Text, ContextSlot Bounds, int Count, int End);

    private void BuildPatterns()
    {
        bool hasGroups = _facts.Bodies.Any(static body => body.AsksForGroups);
        foreach (BoundMatch match in _facts.Bodies.SelectMany(static body => body.Matches))
        {
            if (_patterns.ContainsKey(match.Pattern.Text))
                continue;
            try
            {
                _patterns[match.Pattern.Text] = PatternAutomaton.Build(match.Pattern, hasGroups, words => _memory.AddConstants(words));
            }
            catch (PatternTooLargeException e)
            {
                _patterns[match.Pattern.Text] = new PatternTable(0, PatternTable.Failed, 0, 0, 0, 1, match.Pattern.Text);
                string hint = "a smaller range of repetitions, or fewer alternatives, may do";
                _diagnostics.Semantic($"this regular expression is too large: {e.Message}", match.Span, hint);
            }
        }

        if (!hasGroups)
            return;
        int registers = _patterns.Values.Select(static table => table.Registers).DefaultIfEmpty(0).Max();
        int count = _patterns.Values.Select(static table => table.Groups * 2).DefaultIfEmpty(0).Max();
        var frame = new Frame(FirstSlotOfMatch, _memory.StringBytes);
        (ContextSlot groups, ContextSlot text) = (frame.Long(), frame.String());
        var bounds = new ContextSlot(frame.End + (PatternTable.StateWords * 8));
        _match = new MatchSlots(groups, text, bounds, count, bounds.Offset + (registers * 8));
    }

    private LongExpression LowerMatch(BoundMatch match)
    {
        PatternTable table = _patterns[match.Pattern.Text];
        LongExpression matches;
        if (_match is null)
        {
            matches = new PatternMatch(LowerString(match.Subject), table);
        }
        else
        {
            Add(Store(_match.Text, LowerString(match.Subject)));
            Add(new MatchPattern(table, _match.Text, _match.Groups, _match.Bounds));
            ContextSlot result = _body.Frame.Long();
            Add(new StoreLong(result, Truth(new LongAt(_match.Groups))));
            matches = new LongAt(result);
        }

        return match.IsNegated ? Fold(new LongUnary(LongUnaryOperator.LogicalNot, matches)) : matches;
    }
}
