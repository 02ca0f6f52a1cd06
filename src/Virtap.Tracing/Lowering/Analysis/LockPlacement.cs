using Virtap.Tracing.Lowering.Tree;
using Virtap.Tracing.Memory;
using StringComparison = Virtap.Tracing.Lowering.Tree.StringComparison;

namespace Virtap.Tracing.Lowering.Analysis;

/// <summary>
/// Puts <see cref="AcquireLock"/> into a handler's body as late as its shape allows: before the first statement that touches what the lock guards, or inside the branch that does if nothing
/// behind the branch does. Machines want it at most once on any way, and not in a loop, a function or a try.
/// </summary>
/// <param name="scalars">Offsets of the scalars that count.</param>
/// <param name="arrays">The arrays that count.</param>
/// <param name="functions">The functions that touch any of them, directly or not.</param>
internal sealed class LockPlacement(IReadOnlySet<int> scalars, IReadOnlySet<ArrayLayout> arrays, IReadOnlySet<LoweredFunction> functions)
{
    /// <summary>The body with its lock.</summary>
    public LoweredStatement Place(LoweredStatement statement)
    {
        switch (statement)
        {
            case LoweredBlock block:
                return PlaceInBlock(block);
            case LoweredIf condition when !Touches(condition.Condition):
                LoweredStatement then = Touches(condition.Then) ? Place(condition.Then) : condition.Then;
                return new LoweredIf(condition.Condition, then, condition.Else is { } other && Touches(other) ? Place(other) : condition.Else);
            default:
                return new LoweredBlock([new AcquireLock(), statement]);
        }
    }

    private LoweredBlock PlaceInBlock(LoweredBlock block)
    {
        var statements = block.Statements.ToList();
        int first = statements.FindIndex(Touches);
        if (first < 0)
            return block;
        if (first == statements.FindLastIndex(Touches))
            statements[first] = Place(statements[first]);
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
        SortArray sort => arrays.Contains(sort.Array),
        LoweredIf condition => Touches(condition.Condition) || Touches(condition.Then) || Touches(condition.Else),
        LoweredLoop loop => Touches(loop.Prelude) || Touches(loop.Condition) || Touches(loop.Body) || Touches(loop.Step),
        LoweredCall call => functions.Contains(call.Function),
        RaiseError raise => Touches(raise.Text),
        LoweredTry attempt => Touches(attempt.Body) || Touches(attempt.Handler),
        LoweredPrint print => Touches(print.Format.Pieces),
        _ => false,
    };

    private bool Touches(LongExpression? expression) => expression switch
    {
        LongAt at => Touches(at.Place),
        LongUnary unary => Touches(unary.Operand),
        LongBinary binary => Touches(binary.Left) || Touches(binary.Right),
        LongLogical logical => Touches(logical.Left) || Touches(logical.Right),
        LongConditional conditional => Touches(conditional.Condition) || Touches(conditional.WhenTrue) || Touches(conditional.WhenFalse),
        StringComparison comparison => Touches(comparison.Left) || Touches(comparison.Right),
        StringLength length => Touches(length.Operand),
        TargetLoad load => Touches(load.Address),
        FindEntry find => arrays.Contains(find.Array) || Touches(find.Keys),
        FirstEntry first => arrays.Contains(first.Array),
        NextEntry next => arrays.Contains(next.Array) || Touches(next.Entry),
        _ => false,
    };

    private bool Touches(StringExpression? expression) => expression switch
    {
        StringAt at => Touches(at.Place),
        StringConditional conditional => Touches(conditional.Condition) || Touches(conditional.WhenTrue) || Touches(conditional.WhenFalse),
        StringConcat concat => Touches(concat.Left) || Touches(concat.Right),
        StringFormat format => Touches(format.Pieces),
        Substring substring => Touches(substring.Operand) || Touches(substring.Start) || Touches(substring.Length),
        TargetString target => Touches(target.Address),
        _ => false,
    };

    private bool Touches(Place place) => place switch
    {
        GlobalPlace global => scalars.Contains(global.Offset),
        // Which array the entry is of is not to be seen where it was found by an earlier statement.
        EntryPlace => arrays.Count > 0,
        _ => false,
    };

    private bool Touches(IReadOnlyList<LoweredKey> keys) => keys.Any(key => Touches(key.Long) || Touches(key.String));

    private bool Touches(IReadOnlyList<FormatPiece> pieces) =>
        pieces.OfType<ConversionPiece>().Any(piece => Touches(piece.Width) || Touches(piece.Precision) || Touches(piece.Long) || Touches(piece.String));
}
