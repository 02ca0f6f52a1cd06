using Virtap.Tracing.Ir;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Lowering.Analysis;

/// <summary>
/// Puts <see cref="AcquireLock"/> into a handler's body as late as its shape allows: before the first statement that touches what the
/// lock guards, or inside the branch that does if nothing behind the branch does. Machines want it at most once on any way, and not in a
/// loop, a function or a try.
/// </summary>
/// <param name="scalars">Offsets of the scalars that count.</param>
/// <param name="arrays">The arrays that count.</param>
/// <param name="parts">The parts of aggregates that count.</param>
/// <param name="functions">The functions that touch any of them, directly or not.</param>
internal sealed class LockPlacement(
    IReadOnlySet<int> scalars, IReadOnlySet<ArrayLayout> arrays, IReadOnlySet<Location> parts, IReadOnlySet<LoweredFunction> functions)
{
    /// <summary>The body with its lock.</summary>
    public LoweredStatement Insert(LoweredStatement statement)
    {
        switch (statement)
        {
            case LoweredBlock block:
                return InsertInBlock(block);
            case LoweredIf condition when !Touches(condition.Condition):
                LoweredStatement then = Touches(condition.Then) ? Insert(condition.Then) : condition.Then;
                LoweredStatement? otherwise = condition.Else is { } other && Touches(other) ? Insert(other) : condition.Else;
                return new LoweredIf(condition.Condition, then, otherwise);
            default:
                return new LoweredBlock([new AcquireLock(), statement]);
        }
    }

    private LoweredBlock InsertInBlock(LoweredBlock block)
    {
        var statements = block.Statements.ToList();
        int first = statements.FindIndex(Touches);
        if (first < 0)
            return block;
        if (first == statements.FindLastIndex(Touches))
            statements[first] = Insert(statements[first]);
        else
            statements.Insert(first, new AcquireLock());
        return new LoweredBlock(statements);
    }

    /// <summary>Whether a statement touches anything that the lock guards.</summary>
    public bool Touches(LoweredStatement? statement) => statement switch
    {
        LoweredBlock block => block.Statements.Any(Touches),
        StoreLong store => Touches(store.Target) || Touches(store.Value),
        StoreString store => Touches(store.Target) || Touches(store.Value),
        AtomicAdd add => Touches(add.Target) || Touches(add.Value),
        EnterEntry enter => arrays.Contains(enter.Array) || Touches(enter.Keys),
        DeleteEntry delete => arrays.Contains(delete.Array) || Touches(delete.Keys),
        ClearArray clear => arrays.Contains(clear.Array),
        SortArray sort => arrays.Contains(sort.Array) || Touches(sort.Limit),
        AddToStatistic add => parts.Contains(add.Target) || Touches(add.Target) || Touches(add.Value),
        MergeStatistic merge => parts.Contains(merge.Part),
        ClearStatistic clear => parts.Contains(clear.Part),
        LoweredIf condition => Touches(condition.Condition) || Touches(condition.Then) || Touches(condition.Else),
        LoweredLoop loop => Touches(loop.Prelude) || Touches(loop.Condition) || Touches(loop.Body) || Touches(loop.Step),
        LoweredCall call => functions.Contains(call.Function),
        RaiseError raise => Touches(raise.Text),
        LoweredTry attempt => Touches(attempt.Body) || Touches(attempt.Handler),
        LoweredPrint print => Touches(print.Format.Pieces),
        null or LoweredBreak or LoweredContinue or LoweredReturn or LoweredLeave or RequestExit => false,
        CountActions or RaiseKnownError or AcquireLock or MatchPattern => false,
        _ => throw Unknown(statement),
    };

    private bool Touches(LongExpression? expression) => expression switch
    {
        LongAt at => Touches(at.Location),
        LongUnary unary => Touches(unary.Operand),
        LongBinary binary => Touches(binary.Left) || Touches(binary.Right),
        LongLogical logical => Touches(logical.Left) || Touches(logical.Right),
        LongConditional conditional => Touches(conditional.Condition) || Touches(conditional.WhenTrue) || Touches(conditional.WhenFalse),
        TextComparison comparison => Touches(comparison.Left) || Touches(comparison.Right),
        PatternMatch match => Touches(match.Subject),
        ContextWord word => Touches(word.Index),
        TableWord word => Touches(word.Index),
        StringLength length => Touches(length.Operand),
        LongExtend extend => Touches(extend.Operand),
        TargetLoad load => Touches(load.Address),
        FindEntry find => arrays.Contains(find.Array) || Touches(find.Keys),
        FirstEntry first => arrays.Contains(first.Array),
        NextEntry next => arrays.Contains(next.Array) || Touches(next.Entry),
        null or LongConstant or TargetRegister or TracepointWord or ContextLong or KernelMemberOffset or CounterValue => false,
        _ => throw Unknown(expression),
    };

    private bool Touches(StringExpression? expression) => expression switch
    {
        StringAt at => Touches(at.Location),
        StringConditional conditional => Touches(conditional.Condition) || Touches(conditional.WhenTrue) || Touches(conditional.WhenFalse),
        StringConcat concat => Touches(concat.Left) || Touches(concat.Right),
        StringFormat format => Touches(format.Pieces),
        Substring substring => Touches(substring.Operand) || Touches(substring.Start) || Touches(substring.Length),
        TargetString target => Touches(target.Address),
        TableText text => Touches(text.Offset),
        null or StringLiteral or ThreadName or SiteString or ErrorText => false,
        _ => throw Unknown(expression),
    };

    private bool Touches(Location location) => location switch
    {
        GlobalSlot global => scalars.Contains(global.Offset),
        EntryField field => arrays.Contains(field.Array) || Touches(field.Entry),
        ContextSlot => false,
        BucketOf bucket => Touches(bucket.Buckets) || Touches(bucket.Index),
        _ => throw Unknown(location),
    };

    private bool Touches(IReadOnlyList<Value> keys) => keys.Any(Touches);

    private bool Touches(Value value) => value.Match(Touches, Touches);

    private bool Touches(IReadOnlyList<FormatPiece> pieces) => pieces.Any(piece => piece switch
    {
        ConversionPiece conversion => Touches(conversion.Width) || Touches(conversion.Precision) || Touches(conversion.Value),
        HistogramPiece histogram => Touches(histogram.Buckets),
        LiteralPiece or StackPiece => false,
        _ => throw Unknown(piece),
    });

    /// <summary>A node taken for one that touches nothing would run without the lock.</summary>
    private static InvalidOperationException Unknown(object node) => new($"{node.GetType().Name} is not known to {nameof(LockPlacement)}");
}
