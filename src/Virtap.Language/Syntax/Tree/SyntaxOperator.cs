namespace Virtap.Language.Syntax.Tree;

/// <summary>The operators of the language, as they are written.</summary>
public enum SyntaxOperator
{
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    ShiftLeft,
    ShiftRight,

    /// <summary><c>&gt;&gt;&gt;</c>: zeros come in at the left.</summary>
    ShiftRightLogical,

    BitAnd,
    BitOr,
    BitXor,
    LogicalAnd,
    LogicalOr,
    LogicalNot,
    BitNot,
    Negate,
    Plus,
    Concatenate,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,

    /// <summary><c>=~</c></summary>
    Match,

    /// <summary><c>!~</c></summary>
    NotMatch,

    /// <summary>Plain <c>=</c>; with the other operators of <see cref="AssignmentSyntax"/>, <c>op=</c>.</summary>
    Assign,

    /// <summary><c>&lt;&lt;&lt;</c></summary>
    Accumulate,

    Increment,
    Decrement,
}

/// <summary>What is taken out of an aggregate.</summary>
public enum StatisticOperator
{
    Count,
    Sum,
    Min,
    Max,
    Average,
    Variance,
}
