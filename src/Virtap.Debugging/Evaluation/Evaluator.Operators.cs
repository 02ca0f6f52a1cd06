using System.Numerics;
using Virtap.Binaries.Types;
using Virtap.Debugging.Printing;
using Virtap.Debugging.Syntax;
using Virtap.Debugging.Values;

namespace Virtap.Debugging.Evaluation;

/// <summary>Operators, with C's conversions.</summary>
public sealed partial class Evaluator
{
    private Value Unary(UnaryNode node)
    {
        if (node.Operator == "&")
            return AddressOf(node, Of(node.Operand));
        Value operand = Of(node.Operand);
        if (node.Operator == "*")
            return Dereference(node, operand);
        operand = Follow(operand);
        CType type = TypeView.Resolve(operand.Type).Type;
        RefuseStructure(node, node.Operator, type);
        if (node.Operator == "!")
            return Numbers.Make(Truth, IsTrue(node.Operand, operand) ? 0 : 1);
        if (type is FloatingType { IsComplex: false } floating && node.Operator is "-" or "+")
            return node.Operator == "+" ? operand : Negate(floating, operand);
        if (!IsWhole(type))
            throw new ExpressionException(
                node.Span, node.Operator == "-" ? "Argument to arithmetic operation not a number or boolean."
                    : node.Operator == "~" ? "Argument to complement operation not an integer, boolean."
                    : "Argument to positive operation not a number.");
        IntegerType promoted = Promote(operand.Type);
        BigInteger number = Number(node.Operand, operand);
        return Numbers.Make(promoted, node.Operator switch { "-" => -number, "~" => -number - 1, _ => number });
    }

    /// <summary>An operator of a class would be a function of the target, which is not called.</summary>
    private void RefuseStructure(ExpressionNode node, string sign, CType type)
    {
        if (type is StructureType)
            throw new ExpressionException(
                node.Span, scope.IsCPlusPlus ? $"No symbol \"operator{sign}\" in current context."
                    : $"Structure has no component named operator{sign}.")
            {
                Fault = scope.IsCPlusPlus ? ExpressionFault.UnknownName : ExpressionFault.UnknownMember,
            };
    }

    private static Value Negate(FloatingType type, Value operand)
    {
        byte[] bytes = operand.Bytes.ToArray();
        bytes[type.Bytes > 8 ? 9 : type.Bytes - 1] ^= 0x80;
        return Value.Of(operand.Type, bytes);
    }

    private static Value AddressOf(UnaryNode node, Value operand)
    {
        CType type = TypeView.Resolve(operand.Type).Type;
        if (type is PointerType { Kind: not PointerKind.Pointer } reference)
            return Numbers.Make(new PointerType(reference.Target), Number(node.Operand, operand));
        if (operand.BitSize is not null || operand.Address is not ulong address)
            throw new ExpressionException(
                node.Span, node.Operand is NameNode name ? $"Can't take address of \"{name.Name}\" which isn't an lvalue."
                    : "Attempt to take address of value not located in memory.");
        return Numbers.Make(new PointerType(operand.Type), address);
    }

    private Value Dereference(UnaryNode node, Value operand)
    {
        operand = Follow(operand);
        CType type = TypeView.Resolve(operand.Type).Type;
        switch (type)
        {
            case ArrayType array when operand.Address is ulong start:
                return Value.At(array.Element, scope.Memory, start);
            case ArrayType array:
                return operand.Part(array.Element, 0);
            case FunctionType:
                return operand;
            case PointerType pointer when TypeView.Resolve(pointer.Target).Type is not VoidType:
                return Value.At(pointer.Target, scope.Memory, (ulong)(Number(node.Operand, operand) & ulong.MaxValue));
            case IntegerType:
                return Value.At(BuiltInTypes.Long, scope.Memory, (ulong)(Number(node.Operand, operand) & ulong.MaxValue));
            default:
                throw new ExpressionException(node.Span, "Attempt to take contents of a non-pointer value.");
        }
    }

    private Value Binary(BinaryNode node)
    {
        switch (node.Operator)
        {
            case ",":
                _ = Of(node.Left);
                return Of(node.Right);
            case "&&":
                return Numbers.Make(Truth, IsTrue(node.Left, Of(node.Left)) && IsTrue(node.Right, Of(node.Right)) ? 1 : 0);
            case "||":
                return Numbers.Make(Truth, IsTrue(node.Left, Of(node.Left)) || IsTrue(node.Right, Of(node.Right)) ? 1 : 0);
            case "@":
                return Repeated(node);
        }

        Value left = Decay(Follow(Of(node.Left))), right = Decay(Follow(Of(node.Right)));
        CType leftType = TypeView.Resolve(left.Type).Type, rightType = TypeView.Resolve(right.Type).Type;
        RefuseStructure(node, node.Operator, leftType);
        RefuseStructure(node, node.Operator, rightType);
        bool isComparison = node.Operator is "==" or "!=" or "<" or ">" or "<=" or ">=";
        if (leftType is PointerType || rightType is PointerType)
            return isComparison ? Compare(node, Number(node.Left, left), Number(node.Right, right)) : PointerArithmetic(node, left, right);
        if (leftType is FloatingType || rightType is FloatingType)
            return FloatArithmetic(node, left, right, isComparison);
        if (!IsWhole(leftType) || !IsWhole(rightType))
            throw new ExpressionException(
                node.Span, isComparison ? "Invalid type combination in equality test."
                    : "Argument to arithmetic operation not a number or boolean.");
        BigInteger a = Number(node.Left, left), b = Number(node.Right, right);
        IntegerType common = node.Operator is "<<" or ">>" ? Promote(left.Type) : Common(left.Type, right.Type);
        a = Numbers.Wrap(a, common.Bytes, common.IsSigned);
        if (isComparison)
            return Compare(node, a, Numbers.Wrap(b, common.Bytes, common.IsSigned));
        return Numbers.Make(common, Compute(node, a, node.Operator is "<<" or ">>" ? b : Numbers.Wrap(b, common.Bytes, common.IsSigned)));
    }

    private static BigInteger Compute(BinaryNode node, BigInteger a, BigInteger b)
    {
        const int mostBits = 128;
        switch (node.Operator)
        {
            case "+":
                return a + b;
            case "-":
                return a - b;
            case "*":
                return a * b;
            case "/" or "%" when b.IsZero:
                throw new ExpressionException(node.Span, "Division by zero");
            case "/":
                return BigInteger.Divide(a, b);
            case "%":
                return BigInteger.Remainder(a, b);
            case "&":
                return a & b;
            case "|":
                return a | b;
            case "^":
                return a ^ b;
            case "<<" or ">>" when b < 0 || b > mostBits:
                throw new ExpressionException(node.Right.Span, "a shift by a number of bits that no type has");
            case "<<":
                return a << (int)b;
            case ">>":
                return a >> (int)b;
            default:
                throw new ExpressionException(node.Span, $"there is no operator {node.Operator}");
        }
    }

    private Value Compare<T>(BinaryNode node, T a, T b)
        where T : IComparisonOperators<T, T, bool>
    {
        bool holds = node.Operator switch
        {
            "==" => a == b,
            "!=" => a != b,
            "<" => a < b,
            ">" => a > b,
            "<=" => a <= b,
            _ => a >= b,
        };
        return Numbers.Make(Truth, holds ? 1 : 0);
    }

    private static Value PointerArithmetic(BinaryNode node, Value left, Value right)
    {
        bool leftPoints = TypeView.Resolve(left.Type).Type is PointerType, rightPoints = TypeView.Resolve(right.Type).Type is PointerType;
        BigInteger a = Number(node.Left, left), b = Number(node.Right, right);
        if (node.Operator == "-" && leftPoints && rightPoints)
        {
            long step = StepOf(left.Type);
            if (step != StepOf(right.Type))
                throw new ExpressionException(
                    node.Span,
                    "First argument of `-' is a pointer and second argument is neither an integer nor a pointer of the same type.");
            return Numbers.Make(BuiltInTypes.Long, Numbers.Wrap(a - b, 8, isSigned: true) / step);
        }

        if (node.Operator == "+" && leftPoints && !rightPoints)
            return Numbers.Make(left.Type, a + (b * StepOf(left.Type)));
        if (node.Operator == "+" && rightPoints && !leftPoints)
            return Numbers.Make(right.Type, b + (a * StepOf(right.Type)));
        if (node.Operator == "-" && leftPoints)
            return Numbers.Make(left.Type, a - (b * StepOf(left.Type)));
        // Other operations take an address for the number that it is.
        return Numbers.Make(BuiltInTypes.Long, Compute(node, a, b));
    }

    private static long StepOf(CType pointer) => TypeView.Resolve(pointer).Type is PointerType { Target: var target }
        ? Math.Max(TypeView.Resolve(target).Type.Size ?? 1, 1) : 1;

    private Value FloatArithmetic(BinaryNode node, Value left, Value right, bool isComparison)
    {
        FloatingType? a = TypeView.Resolve(left.Type).Type as FloatingType, b = TypeView.Resolve(right.Type).Type as FloatingType;
        FloatingType type = a is null ? b! : b is null || a.Bytes >= b.Bytes ? a : b;
        if (type.IsComplex || type.Bytes > sizeof(double))
            throw new ExpressionException(node.Span, $"arithmetic of {type.Name} is not supported");
        double x = Double(node.Left, left), y = Double(node.Right, right);
        if (isComparison)
            return Compare(node, x, y);
        return MakeFloat(node, type, node.Operator switch
        {
            "+" => x + y,
            "-" => x - y,
            "*" => x * y,
            "/" => x / y,
            _ => throw new ExpressionException(node.Span, "Integer-only operation applied to a floating-point number."),
        });
    }

    private Value Repeated(BinaryNode node)
    {
        Value first = Of(node.Left);
        BigInteger count = Number(node.Right, Of(node.Right));
        if (first.Address is null || TypeView.Resolve(first.Type).Type is FunctionType)
            throw new ExpressionException(node.Span, "Only values in memory can be extended with '@'.");
        return count > 0 && count <= int.MaxValue ? first.Elements((long)count)
            : throw new ExpressionException(node.Right.Span, $"Invalid number {count} of repetitions.");
    }
}
