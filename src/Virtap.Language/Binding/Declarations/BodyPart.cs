using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Binding.Declarations;

/// <summary>A block and the file whose private names it sees.</summary>
internal readonly record struct BodyPart(StatementSyntax Statement, ScriptFile File);

/// <summary>A probe point's condition and the file whose private names it sees.</summary>
internal readonly record struct ConditionPart(ExpressionSyntax Condition, ScriptFile File);
