using System.Numerics;
using Virtap.Binaries.Types;
using Virtap.Debugging.Printing;
using Virtap.Debugging.Syntax;
using Virtap.Debugging.Values;

namespace Virtap.Debugging.Evaluation;

/// <summary>Computes what expressions stand for. Nothing is written to the target, and none of its functions is called.</summary>
/// <param name="scope">What names stand for.</param>
/// <param name="history">Values that were printed before: <c>$1</c>, <c>$</c>, <c>$$</c>.</param>
public sealed partial class Evaluator(IEvaluationScope scope, IReadOnlyList<Value> history)
{
    private readonly TypeText _types = new(scope.IsCPlusPlus);

    private CType Truth => scope.IsCPlusPlus ? BuiltInTypes.Bool : BuiltInTypes.Int;

    /// <summary>Computes a value.</summary>
    /// <exception cref="ExpressionException">It has none; the exception says where.</exception>
    public Value Evaluate(ExpressionNode node)
    {
        try
        {
            return Of(node);
        }
        catch (ValueException e) when (e is not ExpressionException)
        {
            throw new ExpressionException(node.Span, e.Message, reason: e);
        }
    }

    /// <summary>The type of an expression, or the type that it is.</summary>
    /// <exception cref="ExpressionException">It has none; the exception says where.</exception>
    public CType TypeOf(ExpressionNode node) => node is TypeNode type ? type.Type : Evaluate(node).Type;

    private Value Of(ExpressionNode node)
    {
        switch (node)
        {
            case NumberNode number:
                return Numbers.Make(number.Type, number.Value);
            case FloatNode number:
                return MakeFloat(number, number.Type, number.Value);
            case TextNode text:
                return Value.Of(new ArrayType(BuiltInTypes.Char, text.Bytes.Length + 1), [.. text.Bytes, 0]);
            case NameNode name:
                return Named(name);
            case DollarNode dollar:
                return Dollar(dollar);
            case UnaryNode unary:
                return Unary(unary);
            case BinaryNode binary:
                return Binary(binary);
            case ConditionalNode conditional:
                return IsTrue(conditional.Condition, Of(conditional.Condition)) ? Of(conditional.Then) : Of(conditional.Else);
            case CastNode cast:
                return Cast(cast, cast.Type, Of(cast.Operand));
            case AtAddressNode at:
                return Value.At(at.Type, scope.Memory, (ulong)(Number(at.Address, Decay(Of(at.Address))) & ulong.MaxValue));
            case SizeOfNode size:
                return Numbers.Make(size.Operand is TypeNode ? BuiltInTypes.Int : BuiltInTypes.UnsignedLong, SizeOf(size));
            case MemberNode member:
                return Member(member);
            case IndexNode index:
                return Index(index);
            case CallNode call:
                return Call(call);
            default:
                throw new ExpressionException(node.Span, "Attempt to use a type name as an expression");
        }
    }

    private Value Named(NameNode name)
    {
        if (scope.FindName(name.Name, name.Context) is { } value)
            return value;
        if (scope.IsCPlusPlus && name is { Context: null, Name: "true" or "false" })
            return Numbers.Make(BuiltInTypes.Bool, name.Name == "true" ? 1 : 0);
        int colons = name.Name.LastIndexOf("::", StringComparison.Ordinal);
        (string? context, string own) = name.Context is null && colons > 0
            ? (name.Name[..colons], name.Name[(colons + 2)..]) : (name.Context, name.Name);
        throw new ExpressionException(
            name.Span, context is null || scope.IsContext(context)
                ? $"No symbol \"{own}\" in {(context is null ? "current" : "specified")} context."
                : $"No symbol \"{context}\" in current context.") { Fault = ExpressionFault.UnknownName };
    }

    private Value Dollar(DollarNode dollar)
    {
        string name = dollar.Name;
        bool isBack = name.StartsWith('$');
        string digits = isBack ? name[1..] : name;
        if (digits.All(char.IsAsciiDigit) && (digits.Length == 0 || int.TryParse(digits, out _)))
        {
            int number = digits.Length > 0 ? int.Parse(digits) : isBack ? 1 : 0;
            int index = isBack || digits.Length == 0 ? history.Count - 1 - number : number - 1;
            if (history.Count == 0 && (isBack || digits.Length == 0))
                return Value.Of(BuiltInTypes.Void, []);
            return index >= 0 && index < history.Count ? history[index]
                : throw new ExpressionException(dollar.Span, $"History has not yet reached ${number}.");
        }

        return scope.FindRegister(name) ?? Value.Of(BuiltInTypes.Void, []);
    }

    private Value Call(CallNode call)
    {
        if (call.Function is NameNode function)
        {
            try
            {
                if (scope.Call(function.Name, call.Arguments) is { } found)
                    return found;
            }
            catch (ExpressionException e)
            {
                throw new ExpressionException(call.Span, e.Message, e.Hint, e);
            }
        }

        throw new ExpressionException(call.Span, "a function of the target is not called: it goes on as if nobody looked at it");
    }

    private BigInteger SizeOf(SizeOfNode node)
    {
        CType type = TypeOf(node.Operand);
        CType plain = TypeView.Resolve(type).Type;
        if (node.IsAlignment)
            return Alignment(plain);
        return plain is PointerType { Kind: not PointerKind.Pointer } reference ? reference.Target.Size ?? 1 : plain.Size ?? 1;
    }

    private static long Alignment(CType type) => TypeView.Resolve(type).Type switch
    {
        ArrayType array => Alignment(array.Element),
        StructureType { Definition: { } definition } => definition.Members.Select(static member => Alignment(member.Type)).DefaultIfEmpty(1)
            .Max(),
        var other => Math.Min(other.Size ?? 1, 16),
    };

    private Value Member(MemberNode node)
    {
        Value of = Follow(Of(node.Of));
        CType type = TypeView.Resolve(of.Type).Type;
        if (type is PointerType pointer)
        {
            of = Value.At(pointer.Target, scope.Memory, (ulong)(Number(node.Of, of) & ulong.MaxValue));
            type = TypeView.Resolve(pointer.Target).Type;
        }

        if (type is not StructureType structure)
            throw new ExpressionException(
                node.Span, $"Attempt to extract a component of a value that is not a structure{(node.IsArrow ? " pointer" : "")}.");
        if (structure.Definition is not { IsKnown: true } definition)
            throw new ExpressionException(node.Span, $"{_types.Name(structure)} is only declared: what it holds is not known here");
        if (definition.Find(node.Name) is { } member)
            return of.Member(member);
        if (Static(structure, node.Name, 0) is { } found)
            return found;
        throw definition.IsPartial
            ? new ExpressionException(
                node.NameSpan, $"the place of {structure.Tag}.{node.Name} was not recovered from this program's code",
                $"recovered are {string.Join(", ", definition.Members.Select(static each => each.Name))}")
            : new ExpressionException(
                node.NameSpan, $"There is no member {(scope.IsCPlusPlus ? "or method " : "")}named {node.Name}.",
                Names.NameSuggestion.Nearest(node.Name, [.. definition.Members.Select(static each => each.Name).OfType<string>()])
                    is { } near ? $"did you mean {near}?" : null) { Fault = ExpressionFault.UnknownMember };
    }

    /// <summary>A static member of a class, or of one that it is made of.</summary>
    private Value? Static(StructureType structure, string name, int depth)
    {
        const int maxDepth = 32;
        if (!scope.IsCPlusPlus || depth == maxDepth)
            return null;
        return scope.FindStatic($"{structure.Tag}::{name}") ?? structure.Definition?.Members
            .Where(static member => member.IsBase).Select(member => Static((StructureType)member.Type.Underlying, name, depth + 1))
            .FirstOrDefault(static found => found is not null);
    }

    private Value Index(IndexNode node)
    {
        Value of = Follow(Of(node.Of));
        var index = (long)Number(node.Index, Of(node.Index));
        return TypeView.Resolve(of.Type).Type switch
        {
            ArrayType array => Element(node, of, array, index),
            PointerType pointer => Value.At(
                pointer.Target, scope.Memory,
                unchecked((ulong)(Number(node.Of, of) & ulong.MaxValue) + (ulong)(index * (pointer.Target.Size ?? 1)))),
            _ => throw new ExpressionException(node.Span, $"cannot subscript something of type `{_types.Name(of.Type)}'"),
        };
    }

    private Value Element(IndexNode node, Value of, ArrayType array, long index)
    {
        long bytes = array.Element.Size ?? 1;
        if (of.Address is ulong address && (index < 0 || array.Count is not long count || index >= count))
            return Value.At(array.Element, scope.Memory, unchecked(address + (ulong)(index * bytes)));
        return index >= 0 && index < array.Count ? of.Part(array.Element, index * bytes)
            : throw new ExpressionException(node.Span, $"no such {(array.IsVector ? "vector" : "array")} element");
    }

    /// <summary>What a reference refers to; all others are themselves.</summary>
    private Value Follow(Value value) => TypeView.Resolve(value.Type).Type is PointerType { Kind: not PointerKind.Pointer } reference
        ? Value.At(reference.Target, scope.Memory, (ulong)(Numbers.Read(value) & ulong.MaxValue)) : value;
}
