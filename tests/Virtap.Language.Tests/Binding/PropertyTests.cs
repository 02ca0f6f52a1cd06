using CsCheck;
using Virtap.Language.Binding;
using Virtap.Language.Binding.Printing;
using Virtap.Language.Binding.Targets;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Diagnostics;
using Virtap.Language.Syntax;
using Virtap.Language.Syntax.Preprocessing;
using Virtap.Language.Syntax.Tree;
using Virtap.Language.Tests.Syntax;

namespace Virtap.Language.Tests.Binding;

public class PropertyTests
{
    private const int Variables = 12;

    /// <summary>Copies between globals, each in a probe or a function of its own, and literals that say what some of them are.</summary>
    private static readonly Gen<(int From, int To)[]> s_copies = Gen.Select(Gen.Int[0, Variables - 1], Gen.Int[0, Variables - 1]).Array[
        0, 30];

    [Fact]
    public void Types_go_wherever_values_go_in_whatever_order_the_script_says_it() =>
        Gen.Select(s_copies, Gen.Int[0, Variables - 1], Gen.Int[0, Variables - 1], Gen.Bool, Gen.Int)
            .Sample((copies, number, text, isBackward, seed) =>
        {
            int[] component = Components(copies);
            if (component[number] == component[text])
                return;
            string[] declarations =
            [
                $"probe begin {{ g{number} = 1 }}",
                $"probe begin {{ g{text} = \"x\" }}",
                // A value goes through a function, whose types have to be learned too.
                .. copies.Select(
                    (copy, i) =>
                    $"function f{i}(x) {{ return x }} probe end {{ "
                        + $"{(isBackward ? $"g{copy.To} = f{i}(g{copy.From})" : $"g{copy.To} = g{copy.From}")} }}"),
            ];
            new Random(seed).Shuffle(declarations);
            (_, DiagnosticBag diagnostics) = Script.TryBind("global "
                + $"{string.Join(", ", Enumerable.Range(0, Variables).Select(static i => $"g{i}"))}\n{string.Join('\n', declarations)}");

            // What no literal reaches is reported; the rest is as the literal that reaches it.
            bool[] isUsed = new bool[Variables];
            foreach ((int from, int to) in copies)
                isUsed[from] = isUsed[to] = true;
            int unresolved = Enumerable.Range(0, Variables)
                .Count(i => isUsed[i] && component[i] != component[number] && component[i] != component[text]);
            Assert.Equal(unresolved > 0, diagnostics.HasErrors);
            Assert.All(
                diagnostics.Diagnostics.Where(static diagnostic => diagnostic.Kind == DiagnosticKind.Semantic),
                static diagnostic => Assert.Equal("unresolved type ", diagnostic.Message));
        });

    [Fact]
    public void Order_changes_nothing_about_types() =>
        Gen.Select(s_copies, Gen.Int).Sample((copies, seed) =>
        {
            string[] declarations = [
                .. copies.Select((copy, i) => $"probe begin {{ g{copy.To} = g{copy.From}; g{copy.From} = {i} }}"),
                "probe begin { a[g0] = g1; g0 = 1; g1 = 2 }"];
            string header = $"global a, {string.Join(", ", Enumerable.Range(0, Variables).Select(static i => $"g{i}"))}\n";
            string Listing() =>
                string.Concat(
                    Script.Bind(header + string.Join('\n', declarations)).Globals.Select(
                        static global => $"{global.Name}:{global.Type} "));
            string first = Listing();
            new Random(seed).Shuffle(declarations);
            Assert.Equal(first, Listing());
        });

    [Fact]
    public void Whatever_parses_is_bound_or_refused_in_words() =>
        RandomTrees.Script.Sample(
            static tree =>
            {
                var parsing = new DiagnosticBag();
                ScriptSyntax script = ScriptParser.Parse(
                    new SourceText("random.stp", ScriptPrinter.Print(tree)), new LanguageEnvironment { IsGuru = true }, parsing);
                if (parsing.HasErrors)
                    return;
                var diagnostics = new DiagnosticBag();
                BoundProgram? program = ScriptBinder.Bind(
                    [script], Script.Library(diagnostics), new AnyPoint(), new BindOptions { KeepsUnused = true }, diagnostics);
                Assert.Equal(program is null, diagnostics.HasErrors);
                if (program is not null)
                    BoundProgramPrinter.Print(program, withBodies: true);
            },
            iter: 2000);

    [Fact]
    public void In_a_bound_program_everything_has_its_type() =>
        RandomTrees.Script.Sample(
            static tree =>
            {
                var diagnostics = new DiagnosticBag();
                ScriptSyntax script = ScriptParser.Parse(
                    new SourceText("random.stp", ScriptPrinter.Print(tree)), new LanguageEnvironment(), diagnostics);
                if (diagnostics.HasErrors
                    || ScriptBinder.Bind(
                        [script], Script.Library(diagnostics), new AnyPoint(), new BindOptions { KeepsUnused = true },
                        diagnostics) is not { } program)
                    return;
                Assert.All(program.Globals, static global => Assert.NotEqual(ScriptType.Unknown, global.Type));
                foreach (VariableSymbol local in program.Probes.SelectMany(static probe => probe.Locals)
                    .Concat(program.Functions.SelectMany(static function => function.Locals.Concat(function.Parameters))))
                    Assert.NotEqual(ScriptType.Unknown, local.Type);
            },
            iter: 2000);

    [Theory]
    [InlineData("x = ", "(", "1", ")", 250)]
    [InlineData("x = ", "1 + ", "1", "", 900)]
    [InlineData("x = ", "pid() ? 1 : ", "1", "", 250)]
    [InlineData("x = ", "f(", "1", ")", 250)]
    [InlineData("", "if (pid()) ", "exit()", "", 250)]
    [InlineData("", "if (pid()) exit() else ", "exit()", "", 900)]
    [InlineData("", "{", "exit()", "}", 250)]
    [InlineData("x = ", "pid() && ", "1", "", 900)]
    public void Deep_trees_are_bound(string start, string opening, string middle, string closing, int depth)
    {
        string statement = start + string.Concat(Enumerable.Repeat(opening, depth)) + middle
            + string.Concat(Enumerable.Repeat(closing, depth));
        BoundProgram program = Script.Bind($"function f(a) {{ return a }} probe begin {{ {statement} }}");
        Assert.NotEmpty(BoundProgramPrinter.Print(program, withBodies: true));
    }

    private static int[] Components((int From, int To)[] copies)
    {
        int[] component = [.. Enumerable.Range(0, Variables)];
        bool changed = true;
        while (changed)
        {
            changed = false;
            foreach ((int from, int to) in copies)
            {
                int least = Math.Min(component[from], component[to]);
                changed |= component[from] != least || component[to] != least;
                component[from] = component[to] = least;
            }
        }

        return component;
    }

    /// <summary>Every probe point is there, with a variable of every name that the random scripts use.</summary>
    private sealed class AnyPoint : IProbeResolver
    {
        public ProbeResolution Resolve(ProbePoint point) =>
            new(
                [new FakeTarget(
                    point.ToString()) { Name = "mark",
                    List = [FakeResolver.Variable("a", "int"), FakeResolver.Variable("foo", "char *")] }]);
    }
}
