using Virtap.Language.Binding.Tree;

namespace Virtap.Language.Tests.Binding;

public class ProbePointTests
{
    private static FakeResolver Marks => new FakeResolver().Mark("read").Mark("write").Mark("flush");

    private static string[] Points(string script, FakeResolver? resolver = null) =>
        [.. Script.Bind(script, resolver ?? Marks).Probes.SelectMany(static probe => probe.Targets).Select(static target => target.Point)];

    [Theory]
    [InlineData("probe begin, end { exit() }", "begin|end")]
    [InlineData("probe nothing?, begin { exit() }", "begin")]
    [InlineData("probe nothing!, begin { exit() }", "begin")]
    [InlineData("probe begin!, end { exit() }", "begin")]
    [InlineData("probe begin?, end { exit() }", "begin|end")]
    [InlineData("probe timer.{s(1),ms(2)} { exit() }", "timer.s(1)|timer.ms(2)")]
    [InlineData("probe a = begin {} probe a { exit() }", "begin")]
    [InlineData("probe a = begin, end {} probe a { exit() }", "begin|end")]
    [InlineData("probe a = begin!, end {} probe a { exit() }", "begin")]
    [InlineData("probe a = nothing?, end {} probe a { exit() }", "end")]
    [InlineData("probe a = nothing {} probe a?, end { exit() }", "end")]
    [InlineData("probe a = begin {} probe a = end {} probe a { exit() }", "begin|end")]
    [InlineData("probe a.b = begin {} probe a.c = end {} probe a.* { exit() }", "begin|end")]
    [InlineData("probe a.b = begin {} probe a.c = nothing {} probe a.* { exit() }", "begin")]
    [InlineData("probe a.b.c = begin {} probe a.d.c = end {} probe a.**.c { exit() }", "begin|end")]
    [InlineData("probe a = b {} probe b = c {} probe c = begin {} probe a { exit() }", "begin")]
    [InlineData("probe a = process(\"vm\").function(\"f\") {} probe a.return { exit() }", "process(\"vm\").function(\"f\").return")]
    [InlineData("probe a = process(\"vm\").function(\"f\") {} probe a.return = end {} probe a.return { exit() }", "end")]
    [InlineData("probe a = begin {} probe a.b = a {} probe a.b { exit() }", "begin")]
    public void A_probe_point_stands_for(string script, string points) => Assert.Equal(points.Split('|'), Points(script));

    [Theory]
    [InlineData("probe nothing { exit() }", "1:7 probe point mismatch")]
    [InlineData("probe a = nothing {} probe a { exit() }", "1:11 probe point mismatch")]
    [InlineData("probe a = nothing? {} probe a { exit() }", "1:29 no match")]
    [InlineData("probe nothing? { exit() }", "no probes found")]
    [InlineData("probe a = a {} probe a { exit() }", "1:11 recursive loop in alias expansion of a at test.stp:1:11")]
    [InlineData("probe a = b {} probe b = a {} probe a { exit() }", "1:11 recursive loop in alias expansion of b at test.stp:1:11")]
    [InlineData("probe a = begin {} probe a(3) { exit() }", "1:26 probe point mismatch")]
    [InlineData("probe a(1) = begin {} probe begin { exit() }", "1:1 alias component a contains illegal parameter")]
    [InlineData("probe a = begin {} probe a.foo { exit() }", "1:26 probe point mismatch")]
    [InlineData("probe x.* { exit() }", "1:7 probe point mismatch")]
    [InlineData("probe timer.profile? { exit() }", "1:7 probe point timer.profile is not supported yet")]
    public void A_probe_point_that_stands_for_nothing_is_named(string script, string message) =>
        Assert.Contains(message, Script.Messages(script));

    [Fact]
    public void An_alias_that_is_mistyped_is_suggested()
    {
        var diagnostic = Assert.Single(Script.TryBind("probe vm.request = begin {} probe vm.reqest { exit() }").Diagnostics.Diagnostics);
        Assert.Equal("did you mean 'vm.request'?", diagnostic.Hint);
    }

    [Fact]
    public void A_mistake_in_an_alias_names_the_probe_that_uses_it()
    {
        var diagnostics = Script.TryBind("probe a = nothing {} probe a { exit() }").Diagnostics.Diagnostics;
        Assert.All(diagnostics, static each => Assert.Equal("while resolving probe point", each.Message));
        Assert.Equal(["test.stp:1:11", "test.stp:1:28"], diagnostics.Select(static each => each.Span.ToString()));
        Assert.Equal(["probe point mismatch", "no match"], diagnostics.Select(static each => Assert.Single(each.Related!).Text));
    }

    [Fact]
    public void Prologues_run_before_and_epilogues_behind_with_the_same_locals() =>
        Assert.Equal(
            """
            # probes
            begin /* <- inner = begin <- outer = inner <- outer */
              # locals
              a:long
              b:long
              c:long
            {
              {
                a = 1
              }
              {
                b = a
              }
              {
                c = b
              }
              {
                printf("%d\n", c)
              }
            }

            """,
            Script.Bodies("""
                probe inner = begin { a = 1 }
                probe outer = inner { b = a }, { println(c) }
                probe outer { c = b }
                """));

    [Fact]
    public void Conditions_of_a_probe_and_its_aliases_wrap_the_whole_body() =>
        Assert.Equal(
            """
            # globals
            on:long
            more:long
            # probes
            begin /* <- a = begin if (more > 3) <- a if (on) */
            if ((on) && ((more) > (3)))
              {
                {
                  printf("%d\n", 1)
                }
                {
                  printf("%d\n", 2)
                }
              }
            end /* <- end */
            {
              on = 1
              more = 2
            }

            """,
            Script.Bodies("""
                global on, more
                probe a = begin if (more > 3) { println(1) }
                probe a if (on) { println(2) }
                probe end { on = 1; more = 2 }
                """));

    [Theory]
    [InlineData("global g probe begin if (x) { g = 1 }", "1:26 probe condition must not reference undeclared global")]
    [InlineData("global g probe begin if (g++) { g = 1 }", "1:27 probe condition must not modify any variables")]
    [InlineData("global g probe begin if (pid() == g) { g = 1 }", "1:26 probe condition must not reference function")]
    [InlineData("global g probe begin if ($x == g) { g = 1 }", "1:26 unresolved target-symbol expression")]
    [InlineData("global g probe begin if (\"s\") { g = 1 }", "1:26 type mismatch: expected long but found string")]
    public void A_condition_looks_at_globals_only(string script, string message) => Assert.Contains(message, Script.Messages(script));

    [Fact]
    public void Names_that_a_file_keeps_to_itself_stay_its_own_in_an_alias()
    {
        BoundProgram program = Script.Bind("""
            private global mine = 1
            private function f() { return mine }
            probe a = begin { println(f(), mine) }
            probe a { exit() }
            """);
        Assert.Equal("mine", Assert.Single(program.Globals).Name);
    }

    [Fact]
    public void The_resolver_is_asked_once_for_each_probe_point()
    {
        FakeResolver resolver = Marks;
        Script.Bind("probe a = process(\"vm\").mark(\"*\") {} probe a, begin { exit() }", resolver);
        Assert.Equal(["process(\"vm\").mark(\"*\")", "begin"], resolver.Asked);
    }

    [Fact]
    public void Aliases_that_multiply_without_end_are_refused()
    {
        string script = string.Concat(Enumerable.Range(0, 40).Select(static i => $"probe a{i} = a{i + 1}?, a{i + 1}? {{}} "))
            + "probe a40 = nothing {} probe a0 { exit() }";
        Assert.Contains(
            Script.Messages(script),
            static message => message.EndsWith("aliases stand for too many probe points", StringComparison.Ordinal));
    }

    [Fact]
    public void Aliases_that_nest_without_end_are_refused()
    {
        string script = string.Concat(Enumerable.Range(0, 2_000).Select(static i => $"probe a{i} = a{i + 1} {{}}\n"))
            + "probe a2000 = begin {} probe a0 { exit() }";
        Assert.Contains(
            Script.Messages(script),
            static message => message.EndsWith("aliases stand for too many probe points", StringComparison.Ordinal));
    }
}
