using System.Diagnostics;
using Virtap.Language;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Library;
using Virtap.Tracing.Ir;

namespace Virtap.Tracing.Lowering;

/// <summary>
/// Locations, and the order of evaluation: a value is that of the moment at which the script asks for it, whatever is moved before it
/// later.
/// </summary>
public sealed partial class Lowerer
{
    private Location LocationOf(VariableSymbol variable) => variable is GlobalSymbol global ? _scalars[global] : _body.Locals[variable];

    private static Value At(Location location, ScriptType type) =>
        type switch
        {
            ScriptType.String => new StringAt(location),
            ScriptType.Long or ScriptType.Unknown => new LongAt(location),
            ScriptType.Statistics => throw new UnreachableException("an aggregate is no value"),
        };

    private static LoweredStatement Store(Location location, Value value) => value.Match<LoweredStatement>(
        number => new StoreLong(location, number),
        text => text is StringLiteral { Text: "" } ? Clear(location) : new StoreString(location, text));

    /// <summary>0, or "": a string is empty when its first word is zero.</summary>
    private static StoreLong Clear(Location location) => new(location, new LongConstant(0));

    /// <summary>
    /// Lowers expressions from left to right. What the statements of a later one could change of an earlier one's value is kept before
    /// them.
    /// </summary>
    private Value[] LowerInOrder(IReadOnlyList<BoundExpression> expressions)
    {
        var values = new Value[expressions.Count];
        for (int i = 0; i < values.Length; i++)
        {
            int before = _statements.Count;
            values[i] = Lower(expressions[i]);
            if (_statements.Count == before)
                continue;
            for (int j = 0; j < i; j++)
            {
                if (!IsStable(values[j]))
                    values[j] = Keep(values[j], before++);
            }
        }

        return values;
    }

    /// <summary>Stores a value in a temporary, at a place among the statements.</summary>
    private Value Keep(Value value, int at)
    {
        ContextSlot slot = value.Match(_ => _body.Frame.Long(), text => (text as BuiltString)?.Into ?? _body.Frame.String());
        _statements.Insert(at, Store(slot, value));
        return value.Match<Value>(_ => new LongAt(slot), _ => new StringAt(slot));
    }

    /// <summary>Whether no statement of the expression at hand can change a value, and computing it cannot fail.</summary>
    private bool IsStable(Value value) => value.Match(IsStable, IsStable);

    private bool IsStable(StringExpression text) => text switch
    {
        StringAt { Location: ContextSlot slot } => slot.Offset >= _body.FirstTemporary,
        StringLiteral or SiteString => true,
        _ => false,
    };

    private bool IsStable(LongExpression number) => number switch
    {
        LongConstant or KernelMemberOffset => true,
        LongAt { Location: ContextSlot slot } => slot.Offset >= _body.FirstTemporary,
        LongUnary unary => IsStable(unary.Operand),
        LongBinary { Site: < 0 } binary => IsStable(binary.Left) && IsStable(binary.Right),
        LongLogical logical => IsStable(logical.Left) && IsStable(logical.Right),
        LongExtend extend => IsStable(extend.Operand),
        TargetRegister or TracepointWord => true,
        ContextLong context => IsStable(context.Value),
        _ => false,
    };

    /// <summary>Time goes on, and the thread may be moved to another CPU.</summary>
    private static bool IsStable(ContextValue value) =>
        value is not (ContextValue.Cpu or ContextValue.MonotonicNanoseconds or ContextValue.RealtimeNanoseconds or ContextValue.Cycles
            or ContextValue.Ticks or ContextValue.LoadOfMinute or ContextValue.LoadOfFiveMinutes or ContextValue.LoadOfQuarterHour);

    /// <summary>Whether computing a value cannot fail and looks at no array; variables may change it later.</summary>
    private bool IsSafe(Value value) =>
        value.Match(IsSafe, text => IsStable(text) || text is StringAt { Location: ContextSlot or GlobalSlot });

    private bool IsSafe(LongExpression number) => number switch
    {
        LongAt { Location: ContextSlot or GlobalSlot } or ContextLong => true,
        LongUnary unary => IsSafe(unary.Operand),
        LongBinary { Site: < 0 } binary => IsSafe(binary.Left) && IsSafe(binary.Right),
        LongLogical logical => IsSafe(logical.Left) && IsSafe(logical.Right),
        LongConditional conditional => IsSafe(conditional.Condition) && IsSafe(conditional.WhenTrue) && IsSafe(conditional.WhenFalse),
        _ => IsStable(number),
    };
}
