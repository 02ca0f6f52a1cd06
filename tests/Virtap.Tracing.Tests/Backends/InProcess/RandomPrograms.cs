using CsCheck;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Formats;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Tests.Backends.Ebpf;

namespace Virtap.Tracing.Tests.Backends.InProcess;

/// <summary>
/// Random expressions and statements over eight numbers and four texts of the script (globals), the arguments of the probed function, and
/// literals. What is generated is a recipe: a tree is made of it for a handler, in which every string that is built has a slot of its
/// own.
/// </summary>
internal static class RandomPrograms
{
    public const int Numbers = 8;
    public const int Texts = 4;

    private static readonly string[] s_literals =
    [
        "",
        "a",
        "b",
        "ab",
        "abcdefg",
        "abcdefgh",
        "abcdefgi",
        "\u00e9t\u00e9",
        "The quick brown fox jumps over the lazy dog",
        "0123456789012345678901234567890123456789012345678901234567890",
    ];
    private static readonly long[] s_constants =
    [
        0, 1, -1, 2, 3, 7, 10, 63, 64, 100, int.MaxValue, int.MinValue, uint.MaxValue, 1L << 32, long.MaxValue, long.MinValue
    ];
    private static readonly LongOperator[] s_comparisons =
    [
        LongOperator.Equal,
        LongOperator.NotEqual,
        LongOperator.Less,
        LongOperator.LessOrEqual,
        LongOperator.Greater,
        LongOperator.GreaterOrEqual,
    ];

    /// <summary>What a recipe is given: the handler, and string slots that no other part of the statement uses.</summary>
    internal sealed class Kitchen
    {
        private readonly StringLiteral[] _literals;
        private readonly LiteralPiece[] _pieces;
        private int _slots;

        public Kitchen(OneHandler one)
        {
            _literals = [.. s_literals.Select(one.Literal)];
            _pieces = [.. s_literals.Select(one.Piece)];
        }

        public StringLiteral Literal(int index) => _literals[index];

        public LiteralPiece Piece(int index) => _pieces[index];

        public ContextSlot Slot() => OneHandler.StringSlot(_slots++);

        /// <summary>Begins a statement: slots may be used again.</summary>
        public void Begin() => _slots = 0;
    }

    internal delegate LongExpression Long(Kitchen kitchen);

    internal delegate StringExpression Text(Kitchen kitchen);

    internal delegate LoweredStatement Statement(Kitchen kitchen);

    internal delegate FormatPiece Piece(Kitchen kitchen);

    private static Gen<T> Pick<T>(IReadOnlyList<T> of) => Gen.Int[0, of.Count - 1].Select(i => of[i]);

    public static Gen<long> Constants => Gen.OneOf(Pick(s_constants), Gen.Long, Gen.Int[-20, 20].Select(i => (long)i));

    public static Gen<Long> Longs(int depth)
    {
        Gen<Long> leaf = Gen.OneOf(
            Constants.Select(value => (Long)(_ => new LongConstant(value))),
            Gen.Int[0, Numbers - 1].Select(i => (Long)(_ => new LongAt(OneHandler.Global(i)))),
            Gen.Int[0, 2].Select(i => (Long)(_ => OneHandler.Argument(i == 1 ? 0 : i))));
        if (depth == 0)
            return leaf;
        Gen<Long> inner = Longs(depth - 1);
        Gen<Text> text = Strings(depth - 1);
        return Gen.OneOf(
            leaf,
            Binary(inner),
            Binary(inner),
            Gen.Select(Gen.Enum<LongUnaryOperator>(), inner, (o, a) => (Long)(k => new LongUnary(o, a(k)))),
            Gen.Select(Gen.Bool, inner, inner, (and, a, b) => (Long)(k => new LongLogical(and, a(k), b(k)))),
            Gen.Select(inner, inner, inner, (c, a, b) => (Long)(k => new LongConditional(c(k), a(k), b(k)))),
            Gen.Select(Pick(s_comparisons), text, text, (o, a, b) => (Long)(k => new TextComparison(o, a(k), b(k)))),
            text.Select(a => (Long)(k => new StringLength(a(k)))),
            Gen.Select(Pick([1, 2, 4, 8]), Gen.Bool, inner, (size, sign, a) => (Long)(k => new LongExtend(a(k), size, sign))),
            Gen.Select(
                Pick([1, 2, 4, 8]), Gen.Bool, inner,
                (size, sign, a) =>
                (Long)(k => new TargetLoad(new LongBinary(LongOperator.And, a(k), new LongConstant(0xfff)), size, sign, 0))));
    }

    private static Gen<Long> Binary(Gen<Long> inner) =>
        Gen.Select(Gen.Enum<LongOperator>(), inner, inner, (o, a, b) => (Long)(k => new LongBinary(o, a(k), b(k), 0)));

    public static Gen<Text> Strings(int depth)
    {
        Gen<Text> leaf = Gen.OneOf(
            Gen.Int[0, s_literals.Length - 1].Select(i => (Text)(k => k.Literal(i))),
            Gen.Int[0, Texts - 1].Select(i => (Text)(_ => new StringAt(OneHandler.GlobalString(i)))),
            Gen.Const((Text)(k => new TargetString(k.Slot(), OneHandler.Argument(1), 0))));
        if (depth == 0)
            return leaf;
        Gen<Text> inner = Strings(depth - 1);
        Gen<Long> number = Longs(depth - 1), small = Gen.Int[-2, 12].Select(i => (Long)(_ => new LongConstant(i)));
        return Gen.OneOf(
            leaf,
            Gen.Select(inner, inner, (a, b) => (Text)(k => new StringConcat(k.Slot(), a(k), b(k)))),
            Gen.Select(
                inner,
                Gen.OneOf(small, number),
                Gen.OneOf(small, number),
                (a, b, c) => (Text)(k => new Substring(k.Slot(), a(k), b(k), c(k)))),
            Gen.Select(number, inner, inner, (c, a, b) => (Text)(k => new StringConditional(c(k), a(k), b(k)))),
            Pieces(depth - 1).Array[0, 3].Select(pieces => (Text)(k => new StringFormat(k.Slot(), [.. pieces.Select(piece => piece(k))]))));
    }

    public static Gen<Piece> Pieces(int depth)
    {
        Gen<Long?> width = Gen.OneOf(
            Gen.Const((Long?)null),
            Gen.Int[1, 20].Select(i => (Long?)(_ => new LongConstant(i))),
            Gen.Select(
                Gen.Int[1, 40], Longs(0), (i, a) => (Long?)(k => new LongBinary(LongOperator.Modulo, a(k), new LongConstant(i), 0))));
        Gen<Long?> precision = Gen.OneOf(
            Gen.Const((Long?)null),
            Gen.Int[0, 12].Select(i => (Long?)(_ => new LongConstant(i))),
            Gen.Select(
                Gen.Int[1, 12], Longs(0), (i, a) => (Long?)(k => new LongBinary(LongOperator.Modulo, a(k), new LongConstant(i), 0))));
        FormatConversion[] conversions =
        [
            FormatConversion.Signed,
            FormatConversion.Unsigned,
            FormatConversion.Hexadecimal,
            FormatConversion.UpperHexadecimal,
            FormatConversion.Octal,
            FormatConversion.Pointer,
        ];
        return Gen.OneOf(
            Gen.Int[0, s_literals.Length - 1].Select(i => (Piece)(k => k.Piece(i))),
            Gen.Select(Pick(conversions), Gen.Int[0, 31], width, precision, Longs(depth), (conversion, flags, w, p, a) =>
                (Piece)(k => new ConversionPiece(conversion, (FormatFlags)flags, w?.Invoke(k), p?.Invoke(k), a(k)))),
            Gen.Select(width, Gen.Int['!', '~'], Gen.Bool, (w, c, left) =>
                (Piece)(
                    k =>
                    new ConversionPiece(
                        FormatConversion.Character, left ? FormatFlags.LeftJustify : 0, w?.Invoke(k), null, new LongConstant(c)))),
            Gen.Select(width, precision, Strings(depth), Gen.Bool, (w, p, a, left) =>
                (Piece)(
                    k =>
                    new ConversionPiece(FormatConversion.String, left ? FormatFlags.LeftJustify : 0, w?.Invoke(k), p?.Invoke(k), a(k)))));
    }

    public static Gen<Statement> Statements(int depth)
    {
        Gen<Statement> leaf = Gen.OneOf(
            Gen.Select(Gen.Int[0, Numbers - 1], Longs(2), (i, a) => Fresh(k => new StoreLong(OneHandler.Global(i), a(k)))),
            Gen.Select(Gen.Int[0, Texts - 1], Strings(2), (i, a) => Fresh(k => new StoreString(OneHandler.GlobalString(i), a(k)))),
            Gen.Select(Gen.Int[0, Numbers - 1], Longs(1), (i, a) => Fresh(k => new AtomicAdd(OneHandler.Global(i), a(k)))));
        if (depth == 0)
            return leaf;
        Gen<Statement> block = Statements(depth - 1).Array[1, 3].Select(
            all => (Statement)(k => new LoweredBlock([.. all.Select(each => each(k))])));
        return Gen.OneOf(
            leaf,
            leaf,
            Gen.Select(
                Longs(1),
                block,
                block,
                Gen.Bool,
                (c, a, b, otherwise) => (Statement)(k => new LoweredIf(With(k, c), a(k), otherwise ? b(k) : null))),
            Gen.Select(
                Gen.Int[1, 4],
                Gen.Int[0, 3],
                Longs(1),
                block,
                (times, kind, c, body) => (Statement)(k => Loop(depth, times, kind, With(k, c), body(k)))),
            Gen.Select(block, block, (body, handler) => (Statement)(k => new LoweredTry(body(k), handler(k)))),
            Strings(1).Select(a => Fresh(k => new RaiseError(a(k), 0))));
    }

    private static LongExpression With(Kitchen kitchen, Long recipe)
    {
        kitchen.Begin();
        return recipe(kitchen);
    }

    private static Statement Fresh(Func<Kitchen, LoweredStatement> make) => kitchen =>
    {
        kitchen.Begin();
        return make(kitchen);
    };

    /// <summary>A loop of so many rounds, in which a condition breaks, continues, ends the handler or does nothing.</summary>
    private static LoweredBlock Loop(int depth, int times, int kind, LongExpression condition, LoweredStatement body)
    {
        ContextSlot i = OneHandler.Slot(depth);
        LoweredStatement end =
            kind switch { 0 => new LoweredBreak(), 1 => new LoweredContinue(), 2 => new LoweredReturn(), _ => new LoweredBlock([]) };
        return new LoweredBlock([
            new StoreLong(i, new LongConstant(0)),
            new LoweredLoop(
                null,
                new LongBinary(LongOperator.Less, new LongAt(i), new LongConstant(times)),
                new LoweredBlock([new CountActions(1, 0), new LoweredIf(condition, end, null), body]),
                new StoreLong(i, new LongBinary(LongOperator.Add, new LongAt(i), new LongConstant(1)))),
        ]);
    }
}
