using Virtap.Language.Binding;
using Virtap.Language.Binding.Symbols;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Syntax.Tree;
using Virtap.Tracing.Lowering.Tree;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Lowering;

/// <summary>
/// Assignments, in SystemTap's order: keys, the value, and only then what the target holds. Keys are evaluated once.
/// </summary>
public sealed partial class Lowerer
{
    /// <summary>Assigns; the value is what the target then holds.</summary>
    private LoweredKey LowerAssignment(BoundAssignment assignment)
    {
        if (assignment.Target is BoundElement element)
            return LowerElementAssignment(assignment, element);
        VariableSymbol variable = ((BoundVariable)assignment.Target).Symbol;
        Place place = PlaceOf(variable);
        LoweredKey target = At(place, variable.Type);
        LoweredKey value;
        if (assignment.Operator != SyntaxOperator.Assign)
            value = Combine(assignment, target, Lower(assignment.Value));
        else if (variable.Type == ScriptType.String)
            value = new LoweredKey(null, LowerStringFor(place, variable, assignment.Value));
        else
            value = Lower(assignment.Value);
        Add(Store(place, value));
        return target;
    }

    private LoweredKey LowerElementAssignment(BoundAssignment assignment, BoundElement element)
    {
        ArrayLayout array = _arrays[element.Array];
        LoweredKey[] operands = LowerInOrder([.. element.Keys, assignment.Value]);
        LoweredKey[] keys = operands[..^1];
        LoweredKey value = operands[^1];
        if (assignment.Operator is SyntaxOperator.Divide or SyntaxOperator.Modulo)
        {
            // What cannot be divided makes no entry.
            value = Combine(assignment, At(new EntryPlace(new FindEntry(array, keys), array.ValueOffset), array.ValueType), value);
            value = Keep(value, _statements.Count);
        }
        else if (!IsSafe(value))
        {
            // An entry is made only for a value that could be computed, and the value is that of the array without the entry.
            value = Keep(value, _statements.Count);
        }

        EntryPlace entry = Enter(array, keys, element);
        LoweredKey target = At(entry, array.ValueType);
        if (assignment.Operator is not (SyntaxOperator.Assign or SyntaxOperator.Divide or SyntaxOperator.Modulo))
            value = Combine(assignment, target, value);
        Add(Store(entry, value));
        return target;
    }

    /// <summary>Finds or makes an entry; the place of its value.</summary>
    private EntryPlace Enter(ArrayLayout array, LoweredKey[] keys, BoundElement element)
    {
        SlotPlace entry = _body.Frame.Long();
        Add(new EnterEntry(entry, array, keys, _sites.Of(element.Span)));
        return new EntryPlace(new LongAt(entry), array.ValueOffset);
    }

    private LoweredKey Combine(BoundAssignment assignment, LoweredKey target, LoweredKey value)
    {
        if (assignment.Operator == SyntaxOperator.Concatenate)
            return new LoweredKey(null, new StringConcat(_body.Frame.String(), target.String!, value.String!));
        return new LoweredKey(Arithmetic(OperatorOf(assignment.Operator), target.Long!, value.Long!, assignment), null);
    }

    /// <summary>Increments; the value is the new one in front, the old one behind.</summary>
    private LongExpression LowerIncrement(BoundIncrement increment, bool isUsed)
    {
        Place place = increment.Target is BoundElement element
            ? Enter(_arrays[element.Array], LowerInOrder(element.Keys), element)
            : PlaceOf(((BoundVariable)increment.Target).Symbol);
        LongExpression current = new LongAt(place);
        if (isUsed && !increment.IsPrefix)
        {
            LongExpression old = Keep(new LoweredKey(current, null), _statements.Count).Long!;
            Add(new StoreLong(place, new LongBinary(LongOperator.Add, old, new LongConstant(increment.Change))));
            return old;
        }

        Add(new StoreLong(place, new LongBinary(LongOperator.Add, current, new LongConstant(increment.Change))));
        return current;
    }
}
