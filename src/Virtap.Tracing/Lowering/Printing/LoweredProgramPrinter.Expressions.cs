using Virtap.Language.Binding.Tree;
using Virtap.Tracing.Lowering.Tree;
using StringComparison = Virtap.Tracing.Lowering.Tree.StringComparison;

namespace Virtap.Tracing.Lowering.Printing;

/// <summary>Expressions and places.</summary>
public sealed partial class LoweredProgramPrinter
{
    private string Text(Place place) => place switch
    {
        SlotPlace slot => Slot(slot),
        GlobalPlace global => _names.GetValueOrDefault(global.Offset) ?? $"@{global.Offset}",
        EntryPlace entry => $"{Text(entry.Entry)}+{entry.Offset}",
        _ => place.ToString(),
    };

    private string Slot(SlotPlace slot)
    {
        int first = _program.Layout.OutputOffset + _program.Layout.OutputBytes;
        return $"s{(slot.Offset - first) / 8}";
    }

    private string Text(LongExpression expression) => expression switch
    {
        LongConstant constant => constant.Value.ToString(),
        LongAt at => Text(at.Place),
        LongUnary unary => $"{(unary.Operator switch { LongUnaryOperator.Negate => "-", LongUnaryOperator.BitwiseNot => "~", _ => "!" })}{Text(unary.Operand)}",
        LongBinary binary => $"({Text(binary.Left)} {Text(binary.Operator)} {Text(binary.Right)})",
        LongLogical logical => $"({Text(logical.Left)} {(logical.IsAnd ? "&&" : "||")} {Text(logical.Right)})",
        LongConditional conditional => $"({Text(conditional.Condition)} ? {Text(conditional.WhenTrue)} : {Text(conditional.WhenFalse)})",
        StringComparison comparison => $"({Text(comparison.Left)} {Text(comparison.Operator)} {Text(comparison.Right)})",
        StringLength length => $"length({Text(length.Operand)})",
        TargetValue target => $"${{{MachineExpressionText.Of(target.Value)}}}",
        TargetLoad load => $"user[{Text(load.Address)}]:{load.Size}{(load.SignExtend ? "s" : "u")}",
        ContextLong context => context.Value.ToString(),
        FindEntry find => $"find {find.Array.Name}[{Text(find.Keys)}]",
        FirstEntry first => $"{(first.FromEnd ? "last" : "first")} {first.Array.Name}",
        NextEntry next => $"{(next.Backward ? "previous" : "next")} {Text(next.Entry)}",
        _ => expression.ToString(),
    };

    private string Text(StringExpression expression) => expression switch
    {
        StringAt at => Text(at.Place),
        StringConditional conditional => $"({Text(conditional.Condition)} ? {Text(conditional.WhenTrue)} : {Text(conditional.WhenFalse)})",
        StringConcat concat => $"{Slot(concat.Into)}:concat({Text(concat.Left)}, {Text(concat.Right)})",
        StringFormat format => $"{Slot(format.Into)}:format({Text(format.Pieces)})",
        Substring substring => $"{Slot(substring.Into)}:substr({Text(substring.Operand)}, {Text(substring.Start)}, {Text(substring.Length)})",
        ThreadName name => $"{Slot(name.Into)}:{(name.OfParent ? "pexecname" : "execname")}",
        TargetString target => $"{Slot(target.Into)}:user_string({Text(target.Address)})",
        SiteString site => $"site text @{site.TableOffset}",
        ErrorText error => $"{Slot(error.Into)}:error text",
        _ => expression.ToString(),
    };

    private string Text(IReadOnlyList<LoweredKey> keys) => string.Join(", ", keys.Select(key => key.Long is { } number ? Text(number) : Text(key.String!)));

    private string Text(IReadOnlyList<FormatPiece> pieces) => string.Join(" ", pieces.Select(piece => piece is ConversionPiece conversion ? Text(conversion) : Quote(((LiteralPiece)piece).Text)));

    private string Text(ConversionPiece piece)
    {
        string flags = piece.Flags == FormatFlags.None ? "" : $" {piece.Flags}";
        string width = piece.Width is null ? "" : $" width {Text(piece.Width)}";
        string precision = piece.Precision is null ? "" : $" precision {Text(piece.Precision)}";
        string value = piece.Long is { } number ? Text(number) : Text(piece.String!);
        return $"<{piece.Conversion}{flags}{width}{precision} {value}>";
    }

    private static string Text(LongOperator operation) => operation switch
    {
        LongOperator.Add => "+",
        LongOperator.Subtract => "-",
        LongOperator.Multiply => "*",
        LongOperator.Divide => "/",
        LongOperator.Modulo => "%",
        LongOperator.And => "&",
        LongOperator.Or => "|",
        LongOperator.Xor => "^",
        LongOperator.ShiftLeft => "<<",
        LongOperator.ShiftRight => ">>",
        LongOperator.ShiftRightLogical => ">>>",
        LongOperator.Equal => "==",
        LongOperator.NotEqual => "!=",
        LongOperator.Less => "<",
        LongOperator.LessOrEqual => "<=",
        LongOperator.Greater => ">",
        _ => ">=",
    };
}
