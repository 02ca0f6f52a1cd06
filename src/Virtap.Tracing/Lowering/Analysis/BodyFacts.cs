using System.Diagnostics;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Syntax.Tree;
using Virtap.Language;
using Virtap.Language.Formats;
using Virtap.Language.Library;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Lowering.Analysis;

/// <summary>What the body of one handler or function does by itself, without what it calls.</summary>
internal sealed class BodyFacts
{
    private BodyFacts()
    {
    }

    /// <summary>The globals that it touches, and how.</summary>
    public Dictionary<GlobalSymbol, GlobalAccess> Accesses { get; } = [];

    /// <summary>The functions that it calls.</summary>
    public HashSet<FunctionSymbol> Callees { get; } = [];

    /// <summary>The locals that it assigns.</summary>
    public HashSet<VariableSymbol> Assigned { get; } = [];

    /// <summary>Whether it asks which target was hit.</summary>
    public bool AsksForTarget { get; private set; }

    /// <summary>What it asks of the thread, the time or the session.</summary>
    public HashSet<ContextValue> ContextReads { get; } = [];

    /// <summary>Whether it goes backward.</summary>
    public bool HasLoops { get; private set; }

    /// <summary>Whether it hands its arguments on to another overload.</summary>
    public bool GoesOnToOverload { get; private set; }

    /// <summary>What it takes out of aggregates.</summary>
    public HashSet<(GlobalSymbol Global, StatisticOperator Operator)> Extracts { get; } = [];

    /// <summary>The arguments that each print has: so many numbers, so many strings.</summary>
    public List<(int Longs, int Strings)> Prints { get; } = [];

    /// <summary>The regular expressions that it matches.</summary>
    public List<BoundMatch> Matches { get; } = [];

    /// <summary>Whether it asks where a match has found its groups.</summary>
    public bool AsksForGroups { get; private set; }

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
                if (loop.SortExtractor is { } by)
                    Extracts.Add((loop.Array, by));
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
            case BoundAccumulation { Target: BoundVariable { Symbol: GlobalSymbol global } } accumulation:
                Note(global, GlobalAccess.Add);
                Visit(accumulation.Value);
                return;
            case BoundAccumulation accumulation:
                VisitTarget(accumulation.Target, isRead: false);
                Visit(accumulation.Value);
                return;
            case BoundExtract extract:
                Extracts.Add((AggregateOf(extract.Operand), extract.Operator));
                break;
            case BoundIncrement increment:
                VisitTarget(increment.Target, isRead: true);
                return;
            case BoundCall call:
                NoteCall(call.Function);
                break;
            case BoundBuiltInCall { Function.Meaning: ContextRead context }:
                ContextReads.Add(context.Value);
                break;
            case BoundMatch match:
                Matches.Add(match);
                break;
            case BoundBuiltInCall
            {
                Function.Meaning: Operation
                {
                    What: BuiltInOperation.MatchGroups or BuiltInOperation.MatchText or BuiltInOperation.MatchBound,
                },
            }:
                AsksForGroups = true;
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

    private static GlobalSymbol AggregateOf(BoundExpression operand) =>
        operand is BoundElement element ? element.Array : (GlobalSymbol)((BoundVariable)operand).Symbol;

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

    private void NoteCall(FunctionSymbol function) => Callees.Add(function);

    private void NotePrint(BoundPrint print)
    {
        if (print.Pieces is [BoundFormatHistogram { Histogram.Shape: var shape }])
        {
            Prints.Add((1 + HistogramBuckets.CountOf(shape), 0));
            return;
        }

        if (print.Pieces is [BoundFormatStack])
        {
            Prints.Add((StackRecord.MaxBytes / sizeof(long), 1));
            return;
        }

        int longs = print.Pieces.OfType<BoundFormatConversion>().Sum(MoreThanValues), strings = 0;
        foreach (BoundExpression argument in BoundParts.Of(print.Pieces))
        {
            bool isText = argument.Type switch
            {
                ScriptType.String => true,
                ScriptType.Long or ScriptType.Unknown => false,
                ScriptType.Statistics => throw new UnreachableException("an aggregate is no value"),
            };
            (longs, strings) = isText ? (longs, strings + 1) : (longs + 1, strings);
        }

        Prints.Add((longs, strings));
    }

    /// <summary>How many words a conversion takes in its item beside those of its values.</summary>
    private static int MoreThanValues(BoundFormatConversion conversion)
    {
        const int processAndTarget = 2;
        if (conversion.Address is not null)
            return processAndTarget;
        if (conversion.Conversion is not (FormatConversion.Memory or FormatConversion.MemoryHexadecimal))
            return 0;
        long length = conversion.Precision is null ? 1 : (conversion.Precision as BoundLong)?.Value ?? RecordFormat.MaxDumped;
        return RecordFormat.DumpItemBytes(length) / sizeof(long);
    }
}

/// <summary>What a body does to a global.</summary>
[Flags]
internal enum GlobalAccess
{
    None = 0,

    Read = 1,

    /// <summary>Changes it in a way that matters to others who change it. Sorting an array counts: it changes the order.</summary>
    Write = 2,

    /// <summary>Adds a number to it and does not look at the result.</summary>
    Add = 4,
}
