using Virtap.Language.Binding;
using Virtap.Language.Binding.Symbols;
using Virtap.Language.Binding.Tree;
using Virtap.Binaries.Machine;
using Virtap.Tracing.Lowering.Tree;

namespace Virtap.Tracing.Lowering;

/// <summary>Places, and the order of evaluation: a value is that of the moment at which the script asks for it, whatever is moved before it later.</summary>
public sealed partial class Lowerer
{
    private Place PlaceOf(VariableSymbol variable) => variable is GlobalSymbol global ? _scalars[global] : _body.Locals[variable];

    private static LoweredKey At(Place place, ScriptType type) =>
        type == ScriptType.String ? new LoweredKey(null, new StringAt(place)) : new LoweredKey(new LongAt(place), null);

    private static LoweredStatement Store(Place place, LoweredKey value) => value switch
    {
        { Long: { } number } => new StoreLong(place, number),
        { String: StringAt { Place: GlobalPlace { Offset: 0 } } } => Clear(place),
        _ => new StoreString(place, value.String!),
    };

    /// <summary>0, or "": a string is empty when its first word is zero.</summary>
    private static StoreLong Clear(Place place) => new(place, new LongConstant(0));

    /// <summary>Lowers expressions from left to right. What the statements of a later one could change of an earlier one's value is kept before them.</summary>
    private LoweredKey[] LowerInOrder(IReadOnlyList<BoundExpression> expressions)
    {
        var values = new LoweredKey[expressions.Count];
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
    private LoweredKey Keep(LoweredKey value, int at)
    {
        SlotPlace slot = value.String is { } text ? (text as BuiltString)?.Into ?? _body.Frame.String() : _body.Frame.Long();
        _statements.Insert(at, Store(slot, value));
        return value.String is null ? new LoweredKey(new LongAt(slot), null) : new LoweredKey(null, new StringAt(slot));
    }

    /// <summary>Whether no statement of the expression at hand can change a value, and computing it cannot fail.</summary>
    private bool IsStable(LoweredKey value) => value.Long is { } number ? IsStable(number) : value.String switch
    {
        StringAt { Place: SlotPlace slot } => slot.Offset >= _body.FirstTemporary,
        StringAt { Place: GlobalPlace place } => _memory.LiteralAt(place.Offset) is not null,
        SiteString => true,
        _ => false,
    };

    private bool IsStable(LongExpression number) => number switch
    {
        LongConstant => true,
        LongAt { Place: SlotPlace slot } => slot.Offset >= _body.FirstTemporary,
        LongUnary unary => IsStable(unary.Operand),
        LongBinary { Site: < 0 } binary => IsStable(binary.Left) && IsStable(binary.Right),
        LongLogical logical => IsStable(logical.Left) && IsStable(logical.Right),
        TargetValue { Value: ConstantValue or RegisterValue or ExtendValue { Operand: RegisterValue } } => true,
        ContextLong context => context.Value is ContextValue.Pid or ContextValue.Tid or ContextValue.Ppid or ContextValue.Uid or ContextValue.Gid or ContextValue.Target or (>= ContextValue.InstructionPointer and <= ContextValue.Argument6),
        _ => false,
    };

    /// <summary>Whether computing a value cannot fail and looks at no array; variables may change it later.</summary>
    private bool IsSafe(LoweredKey value) =>
        value.Long is { } number ? IsSafe(number) : IsStable(value) || value.String is StringAt { Place: SlotPlace or GlobalPlace };

    private bool IsSafe(LongExpression number) => number switch
    {
        LongAt { Place: SlotPlace or GlobalPlace } or ContextLong => true,
        LongUnary unary => IsSafe(unary.Operand),
        LongBinary { Site: < 0 } binary => IsSafe(binary.Left) && IsSafe(binary.Right),
        LongLogical logical => IsSafe(logical.Left) && IsSafe(logical.Right),
        LongConditional conditional => IsSafe(conditional.Condition) && IsSafe(conditional.WhenTrue) && IsSafe(conditional.WhenFalse),
        _ => IsStable(number),
    };
}
