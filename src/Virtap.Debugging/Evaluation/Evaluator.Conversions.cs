using System.Numerics;
using Virtap.Binaries.Types;
using Virtap.Debugging.Printing;
using Virtap.Debugging.Syntax;
using Virtap.Debugging.Values;

namespace Virtap.Debugging.Evaluation;

/// <summary>Values as numbers, and as other types.</summary>
public sealed partial class Evaluator
{
    private Value Cast(CastNode node, CType type, Value value)
    {
        CType target = TypeView.Resolve(type).Type;
        CType source = TypeView.Resolve(value.Type).Type;
        if (source is TypedefType { Target: null } && value.Address is ulong unknown)
            return Value.At(type, scope.Memory, unknown);
        value = Follow(value);
        source = TypeView.Resolve(value.Type).Type;
        bool isNumber = IsWhole(target) || target is PointerType { Kind: PointerKind.Pointer };
        if (source is ArrayType or FunctionType && isNumber)
        {
            value = Decay(value);
            source = TypeView.Resolve(value.Type).Type;
        }

        if (target is VoidType)
            return Value.Of(type, []);
        if (target is IntegerType { IsBoolean: true } && (IsWhole(source) || source is PointerType or FloatingType))
            return Numbers.Make(type, IsTrue(node.Operand, value) ? 1 : 0);
        if (isNumber && (IsWhole(source) || source is PointerType))
            return Numbers.Make(type, Number(node.Operand, value));
        if (isNumber && source is FloatingType { IsComplex: false })
            return Numbers.Make(type, FloatNumber.Read(value.Bytes).ToInteger());
        if (target is FloatingType { IsComplex: false } floating && (IsWhole(source) || source is FloatingType { IsComplex: false }))
            return source is FloatingType same && same.Bytes == floating.Bytes
                ? value.As(type) : MakeFloat(node, floating, Double(node.Operand, value)).As(type);
        if (target is PointerType { Kind: not PointerKind.Pointer } && value.Address is ulong referred)
            return Numbers.Make(type, referred);
        if (value.Address is ulong address)
            return Value.At(type, scope.Memory, address);
        return target.Size is long size && size == value.Size ? value.As(type) : throw new ExpressionException(node.Span, "Invalid cast.");
    }

    /// <summary>An array as the pointer to its first element, a function as its address.</summary>
    private static Value Decay(Value value) => TypeView.Resolve(value.Type).Type switch
    {
        ArrayType { IsVector: false } array when value.Address is ulong address =>
            Numbers.Make(new PointerType(array.Element), address),
        FunctionType when value.Address is ulong address => Numbers.Make(new PointerType(value.Type), address),
        _ => value,
    };

    private static bool IsWhole(CType type) => type is IntegerType or EnumerationType;

    private static BigInteger Number(ExpressionNode node, Value value)
    {
        CheckPresent(node, value);
        return TypeView.Resolve(value.Type).Type switch
        {
            IntegerType or EnumerationType or PointerType => Numbers.Read(value),
            FloatingType { IsComplex: false } => FloatNumber.Read(value.Bytes).ToInteger(),
            ArrayType or FunctionType when value.Address is ulong address => address,
            TypedefType { Target: null } named when named.Name.StartsWith('<') =>
                throw new ExpressionException(
                    node.Span, $"'{(node as NameNode)?.Name}' has unknown type; cast it to its declared type", "such as (char **) environ"),
            _ => throw new ExpressionException(node.Span, "Value can't be converted to integer."),
        };
    }

    private static double Double(ExpressionNode node, Value value) => TypeView.Resolve(value.Type).Type is FloatingType
        ? FloatNumber.Read(value.Bytes).ToDouble() : (double)Number(node, value);

    private static bool IsTrue(ExpressionNode node, Value value) =>
        TypeView.Resolve(value.Type).Type is FloatingType { IsComplex: false } ? Double(node, value) != 0
            : !Number(node, Decay(value)).IsZero;

    private static void CheckPresent(ExpressionNode node, Value value)
    {
        if (value.Absence is { } absence)
            throw new ExpressionException(
                node.Span, absence == MachineEvaluator.OptimizedOut ? "value has been optimized out" : $"it has no value here: {absence}");
    }

    private static Value MakeFloat(ExpressionNode node, FloatingType type, double value) => type.Bytes switch
    {
        4 => Value.Of(type, BitConverter.GetBytes((float)value)),
        8 => Value.Of(type, BitConverter.GetBytes(value)),
        16 => Value.Of(type, Extended(value)),
        _ => throw new ExpressionException(node.Span, $"{type.Name} is not supported here"),
    };

    private static byte[] Extended(double value)
    {
        const int bias = 16383, mantissaBits = 52;
        byte[] bytes = new byte[16];
        FloatNumber number = FloatNumber.Read(BitConverter.GetBytes(value));
        int head = number.IsNegative ? 0x8000 : 0;
        ulong mantissa = (ulong)number.Mantissa;
        if (number.Kind != FloatKind.Finite)
        {
            head |= 0x7fff;
            mantissa = (1ul << 63) | (mantissa << (63 - mantissaBits));
        }
        else if (mantissa != 0)
        {
            int shift = BitOperations.LeadingZeroCount(mantissa);
            mantissa <<= shift;
            head |= number.Exponent - shift + 63 + bias;
        }

        BitConverter.TryWriteBytes(bytes, mantissa);
        BitConverter.TryWriteBytes(bytes.AsSpan(8), (ushort)head);
        return bytes;
    }

    /// <summary>C's integer promotion: what is narrower than int is int.</summary>
    private static IntegerType Promote(CType type)
    {
        (int size, bool isSigned) = TypeView.Resolve(type).Type.Number ?? (4, true);
        return Sized(Math.Max(size, 4), isSigned || size < 4);
    }

    /// <summary>C's usual arithmetic conversions.</summary>
    private static IntegerType Common(CType left, CType right)
    {
        IntegerType a = Promote(left), b = Promote(right);
        return a.Bytes > b.Bytes ? a : b.Bytes > a.Bytes ? b : Sized(a.Bytes, a.IsSigned && b.IsSigned);
    }

    private static IntegerType Sized(int bytes, bool isSigned) => (bytes, isSigned) switch
    {
        (<= 4, true) => BuiltInTypes.Int,
        (<= 4, false) => BuiltInTypes.UnsignedInt,
        (<= 8, true) => BuiltInTypes.Long,
        (<= 8, false) => BuiltInTypes.UnsignedLong,
        _ => new IntegerType(isSigned ? "__int128" : "unsigned __int128", 16, isSigned),
    };
}
