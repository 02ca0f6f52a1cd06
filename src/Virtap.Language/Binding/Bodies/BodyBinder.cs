using Virtap.Language.Binding.Declarations;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Diagnostics;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Binding.Bodies;

/// <summary>
/// Binds one body once, with what is known about types so far, and teaches the symbols what it shows about them. Its parts follow the
/// language's constructs.
/// </summary>
internal sealed partial class BodyBinder(ProgramScope program, BodyUnit unit)
{
    private readonly TypeTable _types = program.Types;

    /// <summary>The file whose private names are visible.</summary>
    private ScriptFile _file = unit.Parts[0].File;

    /// <summary>Loops around the statement.</summary>
    private int _loops;

    /// <summary>Whether a value had no type yet.</summary>
    private bool _sawUnknown;

    private DiagnosticBag Diagnostics => program.Diagnostics;

    /// <summary>Binds the body and puts the tree into the unit.</summary>
    public void Bind()
    {
        List<BoundStatement> statements = [];
        foreach (BodyPart part in unit.Parts)
        {
            _file = part.File;
            statements.Add(BindStatement(part.Statement));
        }

        BoundStatement body = statements is [var only] ? only : new BoundBlock(statements[0].Span, statements);
        if (unit is { Function: null, Group.Probe.Conditions: { Count: > 0 } conditions })
            body = BindConditions(conditions, body);
        if (unit is { Function: null, Group.FiresOnlyIf: { } fires })
            body = new BoundIf(body.Span, new BoundTarget(body.Span, "fires", fires, []), body, Else: null);
        unit.Body = body;
        unit.IsComplete = !_sawUnknown;
        if (unit.Function is { Symbol: var symbol })
            symbol.Body = body;
    }

    private void Error(string message, SourceSpan span, string? hint = null) => Diagnostics.Semantic(message, span, hint);

    /// <summary>Where SystemTap places what is wrong with an expression.</summary>
    private static SourceSpan SpanOf(ExpressionSyntax expression) =>
        expression is OperatorSyntax { OperatorSpan: var span } ? span
        : expression is AutocastSyntax { Accesses: [var access, ..] } ? access.Span : expression.Span;

    /// <summary>What a name means where it stands; a name without a meaning so far becomes a local.</summary>
    private VariableSymbol FindVariable(string name, SourceSpan span)
    {
        LocalSymbol? local = unit.FindLocal(name);
        if (local is { IsParameter: true })
            return local;
        if (_file.PrivateGlobals.TryGetValue(name, out GlobalSymbol? own))
            return own;
        return local ?? (VariableSymbol?)program.Declarations.FindGlobal(name, _file) ?? unit.AddLocal(name, span);
    }

    /// <summary>A variable that holds one value; null, and an error, for an array.</summary>
    private VariableSymbol? FindScalar(string name, SourceSpan span)
    {
        VariableSymbol variable = FindVariable(name, span);
        return variable is GlobalSymbol global && !_types.LearnArity(global, 0, span) ? null : variable;
    }

    /// <summary>The probe's own conditions, which may only look at globals.</summary>
    private BoundIf BindConditions(IReadOnlyList<ConditionPart> conditions, BoundStatement body)
    {
        BoundExpression? all = null;
        foreach ((ExpressionSyntax condition, ScriptFile file) in conditions)
        {
            _file = file;
            if (!CheckCondition(condition))
                continue;
            BoundExpression bound = Bind(condition, ScriptType.Long);
            all = all is null ? bound : new BoundBinary(SpanOf(condition), SyntaxOperator.LogicalAnd, all, bound);
        }

        unit.Condition = all;
        return new BoundIf(body.Span, all ?? new BoundLong(body.Span, 1), body, Else: null);
    }

    private bool CheckCondition(ExpressionSyntax condition) => !SyntaxWalk.Any(condition, node =>
    {
        if (node is not NameSyntax name || program.Declarations.FindGlobal(name.Name, _file) is not null)
            return false;
        Error("probe condition must not reference undeclared global", name.Span);
        return true;
    }) && !SyntaxWalk.Any(condition, node =>
    {
        switch (node)
        {
            case CallSyntax call:
                Error("probe condition must not reference function", call.Span);
                return true;
            case AssignmentSyntax or IncrementSyntax:
                Error("probe condition must not modify any variables", SpanOf((ExpressionSyntax)node));
                return true;
            case TargetSyntax or AtVarSyntax or AtCastSyntax or AutocastSyntax or AtOperatorSyntax or EmbeddedExpressionSyntax:
                Error(Unresolved, SpanOf((ExpressionSyntax)node));
                return true;
            default:
                return false;
        }
    });
}

/// <summary>
/// Stands where a mistake was reported, so that binding goes on. A program that holds one has an error and is not handed out.
/// </summary>
internal sealed record BoundError(SourceSpan Span) : BoundExpression(Span)
{
    public override ScriptType Type => ScriptType.Unknown;
}
