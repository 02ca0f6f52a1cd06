using CsCheck;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Tests.Syntax;

/// <summary>Trees of every kind of node that a parser can make.</summary>
internal static class RandomTrees
{
    private static readonly Gen<string> s_name = Gen.OneOf("a", "b", "foo", "x_1", "a$b");
    private static readonly Gen<string> s_word = Gen.OneOf("begin", "process", "function", "mark", "*", "vfs*", "sys_*_read", "in");
    private static readonly Gen<string> s_text = Gen.Byte[1, 255].Array[0, 6].Select(b => ByteText.FromBytes(b));
    private static readonly Gen<NumberSyntax> s_number = Gen.Long.Select(n => new NumberSyntax(default, n));
    private static readonly Gen<StringSyntax> s_string = s_text.Select(t => new StringSyntax(default, t));
    private static readonly Gen<NameSyntax> s_variable = s_name.Select(n => new NameSyntax(default, n));
    private static readonly Gen<ExpressionSyntax> s_literal = Gen.OneOf(
        s_number.Cast<NumberSyntax, ExpressionSyntax>(), s_string.Cast<StringSyntax, ExpressionSyntax>());
    private static readonly Gen<StatisticOperator> s_statistic = Gen.Enum<StatisticOperator>();

    private static readonly SyntaxOperator[] s_binary =
    [
        SyntaxOperator.Add, SyntaxOperator.Subtract, SyntaxOperator.Multiply, SyntaxOperator.Divide, SyntaxOperator.Modulo,
        SyntaxOperator.ShiftLeft,
        SyntaxOperator.ShiftRight, SyntaxOperator.ShiftRightLogical, SyntaxOperator.BitAnd, SyntaxOperator.BitOr, SyntaxOperator.BitXor,
        SyntaxOperator.LogicalAnd,
        SyntaxOperator.LogicalOr, SyntaxOperator.Concatenate, SyntaxOperator.Equal, SyntaxOperator.NotEqual, SyntaxOperator.Less,
        SyntaxOperator.LessOrEqual,
        SyntaxOperator.Greater, SyntaxOperator.GreaterOrEqual,
    ];

    private static readonly SyntaxOperator[] s_assignment =
    [
        SyntaxOperator.Assign, SyntaxOperator.Accumulate, SyntaxOperator.Add, SyntaxOperator.Subtract, SyntaxOperator.Multiply,
        SyntaxOperator.Divide,
        SyntaxOperator.Modulo, SyntaxOperator.ShiftLeft, SyntaxOperator.ShiftRight, SyntaxOperator.BitAnd, SyntaxOperator.BitOr,
        SyntaxOperator.BitXor,
        SyntaxOperator.Concatenate,
    ];

    private static readonly SyntaxOperator[] s_unary = [
        SyntaxOperator.Plus, SyntaxOperator.Negate, SyntaxOperator.LogicalNot, SyntaxOperator.BitNot];

    public static Gen<ScriptSyntax> Script { get; } = Gen.Select(
        Gen.Select(s_text, _ => new EmbeddedDeclarationSyntax(default, " int x; "))
            .Cast<EmbeddedDeclarationSyntax, DeclarationSyntax>().List[0, 1],
        Globals(),
        Aliases().List[0, 2],
        Probes().List[0, 2],
        Functions().List[0, 2],
        (embedded, globals, aliases, probes, functions) =>
            new ScriptSyntax(null!, [.. embedded, .. globals, .. aliases, .. probes, .. functions]));

    private static Gen<TResult> Cast<T, TResult>(this Gen<T> gen)
        where T : TResult => gen.Select(value => (TResult)value);

    private static Gen<ExpressionSyntax> Expression(int depth)
    {
        if (depth == 0)
            return Gen.OneOf(s_literal, s_variable.Cast<NameSyntax, ExpressionSyntax>(), Target(0));
        var inner = Expression(depth - 1);
        return Gen.OneOf(
            Expression(0),
            Gen.Select(s_variable, Keys(depth - 1), (a, k) => (ExpressionSyntax)new ElementSyntax(default, a, k)),
            Gen.Select(Histogram(depth - 1), inner, (a, k) => (ExpressionSyntax)new ElementSyntax(default, a, [k])),
            Gen.Select(s_variable, Keys(depth - 1), (a, k) => (ExpressionSyntax)new MembershipSyntax(default, default, k, a)),
            Gen.Select(Gen.OneOf(s_unary), inner, (o, e) => (ExpressionSyntax)new UnarySyntax(default, default, o, e)),
            Gen.Select(Gen.Bool, Gen.Bool, inner, (up, prefix, e) =>
                (ExpressionSyntax)new IncrementSyntax(
                    default, default, up ? SyntaxOperator.Increment : SyntaxOperator.Decrement, prefix, e)),
            Gen.Select(Gen.OneOf(s_binary), inner, inner, (o, l, r) => (ExpressionSyntax)new BinarySyntax(default, default, o, l, r)),
            Gen.Select(Gen.Bool, inner, s_string, (not, l, r) =>
                (ExpressionSyntax)new BinarySyntax(default, default, not ? SyntaxOperator.NotMatch : SyntaxOperator.Match, l, r)),
            Gen.Select(
                Gen.OneOf(s_assignment), inner, inner, (o, l, r) => (ExpressionSyntax)new AssignmentSyntax(default, default, o, l, r)),
            Gen.Select(inner, inner, inner, (c, t, f) => (ExpressionSyntax)new ConditionalSyntax(default, default, c, t, f)),
            Gen.Select(s_name, inner.List[0, 3], (n, a) => (ExpressionSyntax)new CallSyntax(default, n, a)),
            Gen.Select(Histogram(depth - 1), h => (ExpressionSyntax)new CallSyntax(default, "print", [h])),
            Gen.Select(s_string, inner.List[2, 3], (s, a) => (ExpressionSyntax)new CallSyntax(default, "printd", [s, .. a])),
            Gen.Select(s_statistic, inner, (s, e) => (ExpressionSyntax)new ExtractSyntax(default, s, e, [])),
            Gen.Select(inner, s_number, (e, n) => (ExpressionSyntax)new ExtractSyntax(default, StatisticOperator.Variance, e, [n])),
            Target(depth - 1),
            Gen.Select(s_text, s_text.Null(), Accesses(depth - 1, 0), (n, m, a) => (ExpressionSyntax)new AtVarSyntax(default, n, m, a)),
            Gen.Select(
                inner, s_text, s_text.Null(), Accesses(depth - 1, 0),
                (e, t, m, a) => (ExpressionSyntax)new AtCastSyntax(default, e, t, m, a)),
            Gen.Select(Untyped(depth - 1), Accesses(depth - 1, 1), (e, a) => (ExpressionSyntax)new AutocastSyntax(default, e, a)),
            Gen.Select(inner, e => (ExpressionSyntax)new AddressOfSyntax(default, e)),
            Gen.Select(inner, e => (ExpressionSyntax)new DefinedSyntax(default, e)),
            Gen.Select(inner, inner, (a, b) => (ExpressionSyntax)new ChooseDefinedSyntax(default, a, b)),
            Gen.Select(inner, e => (ExpressionSyntax)new AtOperatorSyntax(default, "entry", [e])),
            Gen.Select(
                s_number, inner, Gen.Bool,
                (n, e, user) => (ExpressionSyntax)new AtOperatorSyntax(default, user ? "uderef" : "kderef", [n, e])),
            Gen.Select(s_number, n => (ExpressionSyntax)new AtOperatorSyntax(default, "uregister", [n])),
            Gen.Select(s_string, Gen.OneOf("perf", "const", "enum"), (s, n) => (ExpressionSyntax)new AtOperatorSyntax(default, n, [s])),
            Gen.Select(inner, s_string.List[0, 2], (e, s) => (ExpressionSyntax)new AtOperatorSyntax(default, "enumname", [e, .. s])),
            Gen.Const<ExpressionSyntax>(new AtOperatorSyntax(default, "errno", [])),
            Gen.Const<ExpressionSyntax>(new EmbeddedExpressionSyntax(default, " 1 ")));
    }

    /// <summary>What an access may follow: variables with a type of their own take their accesses themselves.</summary>
    private static Gen<ExpressionSyntax> Untyped(int depth) =>
        Expression(depth).Where(e => e is not (TargetSyntax or AtVarSyntax or AtCastSyntax));

    private static Gen<ExpressionSyntax> Target(int depth) =>
        Gen.Select(
            Gen.OneOf("x", "arg1", "return", "$vars"), Accesses(depth, 0), (n, a) => (ExpressionSyntax)new TargetSyntax(default, n, a));

    private static Gen<List<TargetAccessSyntax>> Accesses(int depth, int least)
    {
        var member = Gen.OneOf("f", "next", "in").Select(n => (TargetAccessSyntax)new MemberAccessSyntax(default, n));
        var step = depth <= 0
            ? member : Gen.OneOf(member, Gen.Select(Expression(depth - 1), e => (TargetAccessSyntax)new IndexAccessSyntax(default, e)));
        return Gen.Select(step.List[least, 2], Gen.Int[0, 2], (steps, depth) =>
            depth == 0 ? steps : [.. steps, new PrettyAccessSyntax(default, depth)]);
    }

    private static Gen<List<ExpressionSyntax?>> Keys(int depth) =>
        Gen.OneOf(Gen.Const((ExpressionSyntax?)null), Gen.Select(Expression(depth), e => (ExpressionSyntax?)e)).List[1, 3];

    private static Gen<HistogramSyntax> Histogram(int depth) =>
        Gen.Select(Expression(depth), Gen.Bool, s_number.List[3, 3], (e, linear, numbers) =>
        new HistogramSyntax(default, e, linear, linear ? numbers : []));

    private static Gen<BlockSyntax> Block(int depth) => Statement(depth).List[0, 3].Select(s => new BlockSyntax(default, s));

    private static Gen<StatementSyntax> Statement(int depth)
    {
        var expression = Expression(2);
        var simple = Gen.OneOf(
            Gen.Const<StatementSyntax>(new EmptySyntax(default)),
            Gen.Const<StatementSyntax>(new BreakSyntax(default)),
            Gen.Const<StatementSyntax>(new ContinueSyntax(default)),
            Gen.Const<StatementSyntax>(new NextSyntax(default)),
            // An embedded statement of one piece reads as a statement.
            expression.Where(e => e is not EmbeddedExpressionSyntax)
                .Select(e => (StatementSyntax)new ExpressionStatementSyntax(default, e)),
            expression.Select(e => (StatementSyntax)new DeleteSyntax(default, e)),
            Gen.Const<StatementSyntax>(new EmbeddedStatementSyntax(default, " x; ")));
        if (depth == 0)
            return simple;
        // A block, so that no else can belong to another if.
        var body = Block(depth - 1).Cast<BlockSyntax, StatementSyntax>();
        return Gen.OneOf(
            simple,
            body,
            Gen.Select(expression, body, body.Null(), (c, t, e) => (StatementSyntax)new IfSyntax(default, c, t, e)),
            Gen.Select(expression, body, (c, b) => (StatementSyntax)new WhileSyntax(default, c, b)),
            Gen.Select(
                expression.Null(), expression.Null(), expression.Null(), body,
                (i, c, s, b) => (StatementSyntax)new ForSyntax(default, i, c, s, b)),
            ForEach(expression, body),
            Gen.Select(
                Block(depth - 1), s_variable.Null(), Block(depth - 1), (b, v, h) => (StatementSyntax)new TrySyntax(default, b, v, h)));
    }

    private static Gen<StatementSyntax> ForEach(Gen<ExpressionSyntax> expression, Gen<StatementSyntax> body)
    {
        var collection = Gen.OneOf(s_variable.Cast<NameSyntax, ExpressionSyntax>(), Histogram(1).Cast<HistogramSyntax, ExpressionSyntax>());
        return Gen.Select(
            Gen.Select(s_variable.Null(), s_variable.List[1, 3], collection),
            Keys(1).Null(),
            Gen.Select(Gen.Int[-2, 2], Gen.Bool, s_statistic, Gen.Bool),
            expression.Null(),
            body,
            (head, slice, order, limit, body) =>
            {
                var (value, keys, array) = head;
                var (key, descending, statistic, hasStatistic) = order;
                var sort = key < -1
                    || key >= keys.Count ? null : new SortSyntax(default, key, descending, key < 0 && hasStatistic ? statistic : null);
                return (StatementSyntax)new ForEachSyntax(
                    default, value, keys, array, array is NameSyntax ? slice : null, sort, limit, body);
            });
    }

    private static Gen<ProbePointSyntax> Point(Gen<int> marks) => Gen.Select(
        Gen.Select(s_word, s_literal.Null(), (n, a) => new ProbeComponentSyntax(default, n, a)).List[1, 3],
        marks,
        Expression(1).Null(),
        (components, mark, condition) => new ProbePointSyntax(default, components, mark == 1, mark == 2, condition));

    private static Gen<DeclarationSyntax> Probes() => Gen.Select(Point(Gen.Int[0, 2]).List[1, 3], Block(2), (points, body) =>
        (DeclarationSyntax)new ProbeSyntax(default, false, points, body));

    private static Gen<DeclarationSyntax> Aliases() => Gen.Select(
        Point(Gen.Const(0)).List[1, 2],
        Point(Gen.Int[0, 2]).List[1, 3],
        Gen.Int[0, 2],
        Block(1),
        Block(1),
        (names, points, kind, prologue, epilogue) =>
            (DeclarationSyntax)new AliasSyntax(
                default, false, kind == 1 ? names[..1] : names, points, kind == 1 ? null : prologue, kind == 0 ? null : epilogue));

    private static Gen<DeclarationSyntax> Functions() => Gen.Select(
        Gen.Bool,
        s_name,
        Gen.OneOf(ScriptType.Unknown, ScriptType.Long, ScriptType.String),
        Gen.OneOf(ScriptType.Unknown, ScriptType.Long, ScriptType.String).List[0, 3],
        Gen.Int[0, 5],
        Gen.Select(Block(2), Expression(2).Null(), (b, e) => new BlockSyntax(default, [.. b.Statements, new ReturnSyntax(default, e)])),
        (isPrivate, name, type, parameters, priority, body) => (DeclarationSyntax)new FunctionSyntax(
            default,
            isPrivate,
            name,
            type,
            [.. parameters.Select((t, i) => new ParameterSyntax(default, $"p{i}", t))],
            priority == 0 ? null : priority,
            body));

    private static Gen<List<DeclarationSyntax>> Globals() =>
        Gen.Select(Gen.Bool, Gen.Bool, Gen.Int[0, 5].Select(n => n == 0 ? (long?)null : n), s_literal.Null())
        .List[0, 3]
        .Select(globals => globals.Select((g, i) => (DeclarationSyntax)new GlobalSyntax(
            default,
            g.Item1,
            [new GlobalDeclaratorSyntax(default, $"g{i}", g.Item2, g.Item3, g.Item3 is null ? g.Item4 : null)])).ToList());
}
