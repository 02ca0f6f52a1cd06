using System.Text;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Formats;
using Virtap.Language.Library;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Ir.Printing;

/// <summary>Expressions and locations.</summary>
public sealed partial class LoweredProgramPrinter
{
    private string Text(Location location) => location switch
    {
        ContextSlot slot => Slot(slot),
        GlobalSlot global => _names.GetValueOrDefault(global.Offset) ?? $"@{global.Offset}",
        EntryField entry => $"{Text(entry.Entry)}+{entry.Offset}",
        BucketOf bucket => $"{Text(bucket.Buckets)}[{Text(bucket.Index)}]",
        _ => location.ToString(),
    };

    private string Slot(ContextSlot slot)
    {
        if (_parts.TryGetValue(slot.Offset, out string? aggregate))
            return aggregate;
        int first = _program.Layout.OutputOffset + _program.Layout.OutputBytes;
        return $"s{(slot.Offset - first) / 8}";
    }

    private string Text(LongExpression expression) => expression switch
    {
        LongConstant constant => constant.Value.ToString(),
        LongAt at => Text(at.Location),
        LongUnary unary => Text(unary.Operator) + Text(unary.Operand),
        LongBinary binary => $"({Text(binary.Left)} {Text(binary.Operator)} {Text(binary.Right)})",
        LongLogical logical => $"({Text(logical.Left)} {(logical.IsAnd ? "&&" : "||")} {Text(logical.Right)})",
        LongConditional conditional => $"({Text(conditional.Condition)} ? {Text(conditional.WhenTrue)} : {Text(conditional.WhenFalse)})",
        TextComparison comparison => $"({Text(comparison.Left)} {Text(comparison.Operator)} {Text(comparison.Right)})",
        PatternMatch match => $"({Text(match.Subject)} =~ {Literal(match.Table.Text)})",
        ContextWord word => $"{Slot(word.First)}[{Text(word.Index)}]",
        TableWord word => $"table @{word.TableOffset}[{Text(word.Index)}]",
        CounterValue counter => $"counter {counter.Number}",
        StringLength length => $"length({Text(length.Operand)})",
        LongExtend extend => $"{Text(extend.Operand)}:{extend.Size}{(extend.SignExtend ? "s" : "u")}",
        TargetRegister register => $"${{r{register.Register.DwarfNumber}}}",
        TracepointWord word => $"${{{word.Number}}}",
        TargetLoad load => $"{NameOf(load.Space)}[{Text(load.Address)}]:{load.Size}{(load.SignExtend ? "s" : "u")}",
        KernelMemberOffset { IsSize: false } member => $"offset of {member.Structure}.{member.Member}",
        KernelMemberOffset member => $"size of {member.Structure}.{member.Member}",
        ContextLong context => context.Value.ToString(),
        FindEntry find => $"find {find.Array.Name}[{Text(find.Keys)}]",
        FirstEntry first => $"{(first.FromEnd ? "last" : "first")} {first.Array.Name}",
        NextEntry next => $"{(next.Backward ? "previous" : "next")} {Text(next.Entry)}",
        _ => expression.ToString(),
    };

    private string Text(StringExpression expression) => expression switch
    {
        StringLiteral literal => Literal(literal.Text),
        StringAt at => Text(at.Location),
        StringConditional conditional => $"({Text(conditional.Condition)} ? {Text(conditional.WhenTrue)} : {Text(conditional.WhenFalse)})",
        StringConcat concat => $"{Slot(concat.Into)}:concat({Text(concat.Left)}, {Text(concat.Right)})",
        StringFormat format => $"{Slot(format.Into)}:format({Text(format.Pieces)})",
        Substring part => $"{Slot(part.Into)}:substr({Text(part.Operand)}, {Text(part.Start)}, {Text(part.Length)})",
        ThreadName name => $"{Slot(name.Into)}:{(name.OfParent ? "pexecname" : "execname")}",
        TargetString target => $"{Slot(target.Into)}:{NameOf(target.Space)}_string({Text(target.Address)})",
        SiteString site => $"site text @{site.TableOffset}",
        TableText text => $"text at {Text(text.Offset)}",
        ErrorText error => $"{Slot(error.Into)}:error text",
        _ => expression.ToString(),
    };

    private static string NameOf(MemorySpace space) => space == MemorySpace.Kernel ? "kernel" : "user";

    private string Text(IReadOnlyList<Value> keys) => string.Join(", ", keys.Select(key => Text(key)));

    private string Text(Value value) => value.Match(Text, Text);

    /// <summary>As memory has it.</summary>
    private string Literal(string text) => Quote(Encoding.UTF8.GetString(MemoryLayout.ContentOf(text, _program.Layout.MaxStringLength)));

    private string Text(IReadOnlyList<FormatPiece> pieces) =>
        string.Join(" ", pieces.Select(piece => piece switch
        {
            ConversionPiece conversion => Text(conversion),
            LiteralPiece literal => Quote(literal.Text),
            StackPiece stack => $"<stack {stack.Form}>",
            HistogramPiece histogram => $"<histogram {Text(histogram.Buckets)}>",
            _ => piece.ToString(),
        }));

    private string Text(ConversionPiece piece)
    {
        string flags = piece.Flags == FormatFlags.None ? "" : $" {piece.Flags}";
        string width = piece.Width is null ? "" : $" width {Text(piece.Width)}";
        string precision = piece.Precision is null ? "" : $" precision {Text(piece.Precision)}";
        string place = piece.Place is { Part: var part } ? $" {part} of" : "";
        return $"<{piece.Conversion}{flags}{width}{precision}{place} {Text(piece.Value)}>";
    }

    private static string Text(LongUnaryOperator operation) => operation switch
    {
        LongUnaryOperator.Negate => "-",
        LongUnaryOperator.BitwiseNot => "~",
        LongUnaryOperator.LogicalNot => "!",
    };

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
        LongOperator.GreaterOrEqual => ">=",
        LongOperator.LessUnsigned => "<u",
    };
}
