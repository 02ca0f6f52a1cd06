using Virtap.Language;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Syntax.Tree;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Lowering;

/// <summary>
/// Assignments, in SystemTap's order: keys, the value, and only then what the target holds. Keys are evaluated once.
/// </summary>
public sealed partial class Lowerer
{
    /// <summary>Assigns; the value is what the target then holds.</summary>
    private Value LowerAssignment(BoundAssignment assignment)
    {
        if (assignment.Target is BoundElement element)
            return LowerElementAssignment(assignment, element);
        VariableSymbol variable = ((BoundVariable)assignment.Target).Symbol;
        Location location = LocationOf(variable);
        Value target = At(location, variable.Type);
        Add(Store(location, assignment.Operator == SyntaxOperator.Assign
            ? LowerFor(location, variable, assignment.Value)
            : Combine(assignment, target, Lower(assignment.Value))));
        return target;
    }

    private Value LowerElementAssignment(BoundAssignment assignment, BoundElement element)
    {
        ArrayLayout array = _arrays[element.Array];
        Value[] operands = LowerInOrder([.. element.Keys, assignment.Value]);
        Value[] keys = operands[..^1];
        Value value = operands[^1];
        if (assignment.Operator is SyntaxOperator.Divide or SyntaxOperator.Modulo)
        {
            // What cannot be divided makes no entry.
            value = Combine(assignment, ValueAt(array, new FindEntry(array, keys)), value);
            value = Keep(value, _statements.Count);
        }
        else if (!IsSafe(value))
        {
            // An entry is made only for a value that could be computed, and the value is that of the array without the entry.
            value = Keep(value, _statements.Count);
        }

        EntryField entry = Enter(array, keys, element);
        Value target = At(entry, array.ValueType);
        if (assignment.Operator is not (SyntaxOperator.Assign or SyntaxOperator.Divide or SyntaxOperator.Modulo))
            value = Combine(assignment, target, value);
        Add(Store(entry, value));
        return target;
    }

    /// <summary>Finds or makes an entry; the location of its value.</summary>
    private EntryField Enter(ArrayLayout array, Value[] keys, BoundElement element)
    {
        ContextSlot entry = _body.Frame.Long();
        Add(new EnterEntry(entry, array, keys, _sites.Of(element.Span)));
        return ValueOf(array, new LongAt(entry));
    }

    private Value Combine(BoundAssignment assignment, Value target, Value value)
    {
        if (assignment.Operator == SyntaxOperator.Concatenate)
            return new StringConcat(_body.Frame.String(), target.AsText(), value.AsText());
        return Arithmetic(OperatorOf(assignment.Operator), target.AsNumber(), value.AsNumber(), assignment);
    }

    /// <summary>Increments; the value is the new one in front, the old one behind.</summary>
    private LongExpression LowerIncrement(BoundIncrement increment, bool isUsed)
    {
        Location location = increment.Target is BoundElement element
            ? Enter(_arrays[element.Array], LowerInOrder(element.Keys), element)
            : LocationOf(((BoundVariable)increment.Target).Symbol);
        LongExpression current = new LongAt(location);
        if (isUsed && !increment.IsPrefix)
        {
            LongExpression old = Keep(current, _statements.Count).AsNumber();
            Add(new StoreLong(location, new LongBinary(LongOperator.Add, old, new LongConstant(increment.Change))));
            return old;
        }

        Add(new StoreLong(location, new LongBinary(LongOperator.Add, current, new LongConstant(increment.Change))));
        return current;
    }
}
