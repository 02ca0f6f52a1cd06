using System.Numerics;
using Virtap.Binaries.Types;

namespace Virtap.Debugging.Syntax;

/// <summary>A C expression as gdb reads it. Names are not bound: whoever evaluates it knows what they stand for.</summary>
/// <param name="Span">Its text.</param>
public abstract record ExpressionNode(TextSpan Span);

/// <summary>A whole number or a character.</summary>
public sealed record NumberNode(TextSpan Span, BigInteger Value, CType Type) : ExpressionNode(Span);

/// <summary>A floating-point number.</summary>
public sealed record FloatNode(TextSpan Span, double Value, FloatingType Type) : ExpressionNode(Span);

/// <summary>A string literal, without the zero that ends it.</summary>
public sealed record TextNode(TextSpan Span, byte[] Bytes) : ExpressionNode(Span);

/// <summary>A variable, a function, a constant of an enumeration.</summary>
/// <param name="Span">Its text.</param>
/// <param name="Name">The name.</param>
/// <param name="Context">The file or function that it is sought in (<c>'file.c'::name</c>); null for everywhere.</param>
public sealed record NameNode(TextSpan Span, string Name, string? Context = null) : ExpressionNode(Span);

/// <summary><c>$rip</c>, <c>$1</c>, <c>$</c>, <c>$$</c>, <c>$$2</c>.</summary>
/// <param name="Span">Its text.</param>
/// <param name="Name">What follows the first dollar sign.</param>
public sealed record DollarNode(TextSpan Span, string Name) : ExpressionNode(Span);

/// <summary>A type where a value might stand: what <c>sizeof</c>, <c>whatis</c> and <c>ptype</c> are asked about.</summary>
public sealed record TypeNode(TextSpan Span, CType Type) : ExpressionNode(Span);

/// <summary>An operator before its operand.</summary>
public sealed record UnaryNode(TextSpan Span, string Operator, ExpressionNode Operand) : ExpressionNode(Span);

/// <summary>An operator between its operands; <c>@</c> is one: so many elements from here on.</summary>
public sealed record BinaryNode(TextSpan Span, string Operator, ExpressionNode Left, ExpressionNode Right) : ExpressionNode(Span);

/// <summary><c>a ? b : c</c>.</summary>
public sealed record ConditionalNode(TextSpan Span, ExpressionNode Condition, ExpressionNode Then, ExpressionNode Else)
    : ExpressionNode(Span);

/// <summary><c>(type) operand</c>.</summary>
public sealed record CastNode(TextSpan Span, CType Type, ExpressionNode Operand) : ExpressionNode(Span);

/// <summary><c>{type} address</c>: what lies there.</summary>
public sealed record AtAddressNode(TextSpan Span, CType Type, ExpressionNode Address) : ExpressionNode(Span);

/// <summary><c>sizeof</c> or <c>_Alignof</c>.</summary>
public sealed record SizeOfNode(TextSpan Span, ExpressionNode Operand, bool IsAlignment) : ExpressionNode(Span);

/// <summary><c>a.b</c> or <c>a->b</c>; gdb takes either for the other.</summary>
public sealed record MemberNode(TextSpan Span, ExpressionNode Of, string Name, TextSpan NameSpan, bool IsArrow) : ExpressionNode(Span);

/// <summary><c>a[i]</c>.</summary>
public sealed record IndexNode(TextSpan Span, ExpressionNode Of, ExpressionNode Index) : ExpressionNode(Span);

/// <summary><c>f(...)</c>.</summary>
/// <param name="Span">Its text.</param>
/// <param name="Function">What is called.</param>
/// <param name="Arguments">What stands between the parentheses, as it is written: names of devices are no expressions.</param>
public sealed record CallNode(TextSpan Span, ExpressionNode Function, string Arguments) : ExpressionNode(Span);
