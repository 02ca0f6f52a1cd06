using Virtap.Language.Binding;
using Virtap.Language.Binding.Symbols;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Tracing.Lowering.Analysis;

/// <summary>What the body of one handler or function does by itself, without what it calls.</summary>
internal sealed class BodyFacts
{
    private BodyFacts()
    {
    }

    /// <summary>The globals that it touches, and how.</summary>
    public Dictionary<GlobalSymbol, GlobalAccess> Accesses { get; } = [];

    /// <summary>The functions that it calls, in the order in which it first does.</summary>
    public List<FunctionSymbol> Callees { get; } = [];

    /// <summary>The locals that it assigns.</summary>
    public HashSet<VariableSymbol> Assigned { get; } = [];

    /// <summary>Whether it asks which target was hit.</summary>
    public bool AsksForTarget { get; private set; }

    /// <summary>Whether it goes backward.</summary>
    public bool HasLoops { get; private set; }

    /// <summary>Whether it hands its arguments on to another overload.</summary>
    public bool GoesOnToOverload { get; private set; }

    /// <summary>The longest list of arguments that one print has: so many numbers, so many strings.</summary>
    public List<(int Longs, int Strings)> Prints { get; } = [];

    /// <summary>Looks through a body.</summary>
    public static BodyFacts Of(BoundStatement body)
    {
        var facts = new BodyFacts();
        facts.Visit(body);
        return facts;
    }

    private void Visit(BoundStatement statement)
    {
        switch (statement)
        {
            case BoundExpressionStatement expression:
                VisitUnused(expression.Expression);
                return;
            case BoundLoop loop:
                HasLoops = true;
                VisitUnused(loop.Initializer);
                Visit(loop.Condition);
                VisitUnused(loop.Step);
                Visit(loop.Body);
                return;
            case BoundForEach loop:
                HasLoops = true;
                Note(loop.Array, loop.SortKey is null ? GlobalAccess.Read : GlobalAccess.Read | GlobalAccess.Write);
                foreach (VariableSymbol key in loop.Keys)
                    NoteAssignment(key);
                if (loop.Value is not null)
                    NoteAssignment(loop.Value);
                break;
            case BoundForEachBucket loop:
                HasLoops = true;
                NoteAssignment(loop.Bucket);
                if (loop.Value is not null)
                    NoteAssignment(loop.Value);
                break;
            case BoundNextOverload next:
                GoesOnToOverload = true;
                if (next.Function.NextOverload is { } other)
                    NoteCall(other);
                break;
            case BoundTry { Variable: { } variable }:
                NoteAssignment(variable);
                break;
            case BoundDeleteElement delete:
                HasLoops |= delete.Keys.Contains(null);
                Note(delete.Array, GlobalAccess.Write);
                break;
            case BoundDeleteVariable delete:
                NoteAssignment(delete.Variable);
                break;
        }

        foreach (BoundExpression part in BoundParts.Of(statement))
            Visit(part);
        foreach (BoundStatement part in BoundParts.StatementsOf(statement))
            Visit(part);
    }

    /// <summary>An expression whose value is not used: an addition to a global is then one that looks at nothing.</summary>
    private void VisitUnused(BoundExpression? expression)
    {
        if (expression is not null && Addition.Of(expression) is { } addition)
        {
            Note(addition.Global, GlobalAccess.Add);
            Visit(addition.Amount);
            return;
        }

        Visit(expression);
    }

    private void Visit(BoundExpression? expression)
    {
        switch (expression)
        {
            case null:
                return;
            case BoundVariable { Symbol: GlobalSymbol global }:
                Note(global, GlobalAccess.Read);
                return;
            case BoundElement element:
                Note(element.Array, GlobalAccess.Read);
                break;
            case BoundMembership membership:
                HasLoops |= membership.Keys.Contains(null);
                Note(membership.Array, GlobalAccess.Read);
                break;
            case BoundAssignment assignment:
                VisitTarget(assignment.Target, isRead: assignment.Operator != SyntaxOperator.Assign);
                Visit(assignment.Value);
                return;
            case BoundAccumulation accumulation:
                VisitTarget(accumulation.Target, isRead: false);
                Visit(accumulation.Value);
                return;
            case BoundIncrement increment:
                VisitTarget(increment.Target, isRead: true);
                return;
            case BoundCall call:
                NoteCall(call.Function);
                break;
            case BoundTargetText:
                AsksForTarget = true;
                break;
            case BoundPrint print:
                NotePrint(print);
                break;
        }

        foreach (BoundExpression part in BoundParts.Of(expression))
            Visit(part);
    }

    private void VisitTarget(BoundExpression target, bool isRead)
    {
        GlobalAccess access = isRead ? GlobalAccess.Read | GlobalAccess.Write : GlobalAccess.Write;
        switch (target)
        {
            case BoundVariable { Symbol: GlobalSymbol global }:
                Note(global, access);
                break;
            case BoundVariable variable:
                Assigned.Add(variable.Symbol);
                break;
            case BoundElement element:
                Note(element.Array, access);
                foreach (BoundExpression key in element.Keys)
                    Visit(key);
                break;
        }
    }

    private void NoteAssignment(VariableSymbol variable)
    {
        if (variable is GlobalSymbol global)
            Note(global, GlobalAccess.Write);
        else
            Assigned.Add(variable);
    }

    private void Note(GlobalSymbol global, GlobalAccess access) => Accesses[global] = Accesses.GetValueOrDefault(global) | access;

    private void NoteCall(FunctionSymbol function)
    {
        if (!Callees.Contains(function))
            Callees.Add(function);
    }

    private void NotePrint(BoundPrint print)
    {
        int longs = 0, strings = 0;
        foreach (BoundExpression argument in BoundParts.Of(print.Pieces))
        {
            if (argument.Type == ScriptType.String)
                strings++;
            else
                longs++;
        }

        Prints.Add((longs, strings));
    }
}
