using Virtap.Language.Binding.Tree;

namespace Virtap.Language.Tests.Binding;

/// <summary>Targets that answer alike share a body.</summary>
public class GroupingTests
{
    private static FakeResolver Marks => new FakeResolver()
        .Mark("a", FakeResolver.Variable("x", source: "rdi"), FakeResolver.Variable("y", source: "rsi"))
        .Mark("b", FakeResolver.Variable("x", source: "rdi"), FakeResolver.Variable("y", source: "rdx"))
        .Mark("c", FakeResolver.Variable("x", source: "rbx"))
        .Mark("d");

    private static string[] Groups(string body, string functions = "") =>
        [.. Script.Bind($"{functions} probe process(\"vm\").mark(\"*\") {{ {body} }}", Marks).Probes.Select(static probe =>
            string.Concat(probe.Targets.Select(static target => ((FakeTarget)target).Name)))];

    [Theory]
    [InlineData("exit()", "abcd")]
    [InlineData("println(pp(), $$name)", "abcd")]
    [InlineData("if (@defined($x)) println($x)", "ab|c|d")]
    [InlineData("if (@defined($y)) println($y)", "a|b|cd")]
    [InlineData("if (@defined($x) && @defined($y)) println($x)", "a|b|c|d")]
    [InlineData("if (@defined($nothing)) exit()", "abcd")]
    [InlineData("println($$vars)", "a|b|c|d")]
    public void By_the_answers_to_what_the_body_asks(string body, string groups) => Assert.Equal(groups.Split('|'), Groups(body));

    [Fact]
    public void Sites_that_count_only_sometimes_have_a_body_of_their_own_behind_the_test()
    {
        BoundProgram program = Script.Bind(
            "probe process(\"vm\").mark(\"*\") { exit() }", Marks.ConditionalMark("e", "off").ConditionalMark("f", "off"));
        Assert.Equal(
            ["abcd", "ef"],
            program.Probes.Select(static probe => string.Concat(probe.Targets.Select(static target => ((FakeTarget)target).Name))));
        BoundIf test = Assert.IsType<BoundIf>(program.Probes[1].Body);
        Assert.Equal(new FakeSource("int", "off"), Assert.IsType<BoundTarget>(test.Condition).Source);
    }

    [Fact]
    public void Functions_ask_for_their_callers() =>
        Assert.Equal(
            ["ab", "c", "d"], Groups("println(g())", "function f() { return @defined($x) ? $x : 0 } function g() { return f() + 1 }"));

    [Fact]
    public void A_function_that_asks_exists_once_for_each_body_and_others_once()
    {
        BoundProgram program = Script.Bind(
            "function f() { return $x } function g(n) { return n } probe process(\"vm\").mark(\"{a,b,c}\"), begin { println(g(1)) } probe "
                + "process(\"vm\").mark(\"a\"), process(\"vm\").mark(\"c\") { println(g(f())) }",
            Marks.Mark("{a,b,c}"));
        Assert.Equal(["f", "f", "g"], program.Functions.Select(static function => function.Name).Order());
    }

    [Fact]
    public void Functions_that_name_the_probe_that_runs_them_exist_for_each()
    {
        BoundProgram program = Script.Bind("function where() { return pp() } probe begin, end { println(where()) }");
        Assert.Equal(2, program.Functions.Count);
    }

    [Fact]
    public void Marks_of_an_unknown_variable_make_one_message() =>
        Assert.Single(Script.Messages("probe process(\"vm\").mark(\"*\") { println($nothing) }", Marks));

    [Fact]
    public void Thousands_of_targets_are_bound_in_a_few_bodies()
    {
        var resolver = new FakeResolver();
        for (int i = 0; i < 5000; i++)
            resolver.Mark("m" + i, FakeResolver.Variable("x", source: "r" + (i % 7)));
        BoundProgram program = Script.Bind("probe process(\"vm\").mark(\"*\") { println($x) }", resolver);
        Assert.Equal(7, program.Probes.Count);
        Assert.Equal(5000, program.Probes.Sum(static probe => probe.Targets.Count));
    }

    [Fact]
    public void Thousands_of_targets_that_all_differ_are_bound_too()
    {
        var resolver = new FakeResolver();
        for (int i = 0; i < 3000; i++)
            resolver.Mark("m" + i, FakeResolver.Variable("x", source: "r" + i));
        Assert.Equal(3000, Script.Bind("probe process(\"vm\").mark(\"*\") { println($$vars) }", resolver).Probes.Count);
    }
}
