using Virtap.Language.Binding.Tree;

namespace Virtap.Language.Tests.Binding;

public class FunctionTests
{
    private static FunctionSymbol Function(string script, string name) =>
        Assert.Single(Script.Bind(script).Functions, function => function.Name == name);

    [Theory]
    [InlineData("function f(a) { return a + 1 } probe begin { println(f(1)) }", ScriptType.Long, "Long")]
    [InlineData("function f(a) { return a . \"x\" } probe begin { println(f(\"y\")) }", ScriptType.String, "String")]
    [InlineData("function f(a) { return a } probe begin { println(f(\"y\")) }", ScriptType.String, "String")]
    [InlineData("function f(a) { return g(a) } function g(b) { return b } probe begin { println(f(1)) }", ScriptType.Long, "Long")]
    [InlineData("function f(a) { } probe begin { f(1) }", ScriptType.Unknown, "Long")]
    [InlineData("function f(a) { } probe begin { x = 1 + f(\"s\") }", ScriptType.Long, "String")]
    [InlineData("function f(a) { return 1 } probe begin { x = f(y); y = \"s\" }", ScriptType.Long, "String")]
    [InlineData("function f:string(a:long) { return \"x\" } probe begin { println(f(z)) z++ }", ScriptType.String, "Long")]
    [InlineData("function f(a) { return a ? f(a - 1) : 0 } probe begin { println(f(3)) }", ScriptType.Long, "Long")]
    public void Types_come_from_both_sides_of_a_call(string script, ScriptType result, string parameter)
    {
        FunctionSymbol function = Function(script, "f");
        Assert.Equal((result, parameter), (function.ReturnType, Assert.Single(function.Parameters).Type.ToString()));
    }

    [Fact]
    public void Functions_that_nobody_calls_are_dropped() =>
        Assert.Equal(
            ["used"],
            Script.Bind("function used() { return 1 } function unused() { nonsense() } probe begin { println(used()) }").Functions.Select(
                static f => f.Name));

    [Fact]
    public void Callees_come_before_callers() =>
        Assert.Equal(
            ["c", "b", "a"],
            Script.Bind(
                "function a() { return b() } function b() { return c() } function c() { return 1 } probe begin { println(a()) }")
                .Functions.Select(static f => f.Name));

    [Theory]
    [InlineData("function f(n) { return n ? f(n - 1) : 0 } probe begin { println(f(3)) }", "f")]
    [InlineData("function f(n) { return n ? g(n - 1) : 0 } function g(n) { return f(n) } probe begin { println(f(3)) }", "f,g")]
    [InlineData(
        "function f(n) { return g(n) } function g(n) { return h(n) } function h(n) { return n ? g(n) : 0 } probe begin { println(f(3)) }",
        "g,h")]
    [InlineData("function f(n) { return g(n) } function g(n) { return 1 } probe begin { println(f(3)) }", "")]
    public void Recursion_is_found(string script, string names) =>
        Assert.Equal(
            names, string.Join(',', Script.Bind(script).Functions.Where(static f => f.IsRecursive).Select(static f => f.Name).Order()));

    [Fact]
    public void A_long_chain_of_calls_needs_no_deep_stack()
    {
        string script = string.Concat(Enumerable.Range(0, 20_000).Select(static i => $"function f{i}(x) {{ return f{i + 1}(x) }}\n"))
            + "function f20000(x) { return x }\nglobal a\nprobe begin { a[1] = 2; foreach (k in a) println(f0(k)) }";
        Assert.Equal(20_001, Script.Bind(script).Functions.Count);
    }

    [Fact]
    public void Overloads_differ_by_the_number_of_parameters() =>
        Assert.Equal(
            """
            # functions
            f:long (a:long)
            {
              return a
            }
            f:string (a:string, b:string)
            {
              return (a) . (b)
            }
            # probes
            begin /* <- begin */
            {
              printf("%d%s\n", f(1), f("a", "b"))
            }

            """,
            Script.Bodies("function f(a) { return a } function f(a, b) { return a . b } probe begin { println(f(1), f(\"a\", \"b\")) }"));

    [Theory]
    [InlineData("function f() { next } function f() { return 2 }", "1:1", "1:23")]
    [InlineData("function f():3 { next } function f():1 { next } function f():2 { return 3 }", "1:25", "1:49")]
    public void Next_goes_on_with_the_next_overload_by_priority(string functions, string first, string second)
    {
        BoundProgram program = Script.Bind(functions + " probe begin { println(f()) }");
        FunctionSymbol called = program.Functions.Single(function => program.Functions.All(other => other.NextOverload != function));
        Assert.Equal(("test.stp:" + first, "test.stp:" + second), (called.Span.ToString(), called.NextOverload?.Span.ToString()));
        Assert.Equal(ScriptType.Long, called.ReturnType);
    }

    [Fact]
    public void Overloads_that_hand_over_to_each_other_have_the_same_types()
    {
        BoundProgram program = Script.Bind(
            "function f(a) { next } function f(b) { return b . \"x\" } probe begin { println(f(y)); y = y . \"\" }");
        Assert.All(
            program.Functions,
            static function => Assert.Equal((ScriptType.String, ScriptType.String), (function.ReturnType, function.Parameters[0].Type)));
    }

    [Fact]
    public void Next_in_the_last_overload_has_nowhere_to_go() =>
        Assert.Null(Function("function f() { next; return 1 } probe begin { println(f()) }", "f").NextOverload);

    [Fact]
    public void A_scripts_own_function_goes_before_what_is_built_in() =>
        Assert.Equal(
            ["log", "pid"],
            Script.Bind(
                "function pid() { return 1 } function log(x) { return x } probe begin { println(pid(), log(2)) }").Functions.Select(
                    static f => f.Name).Order());

    [Fact]
    public void What_returns_nothing_returns_from_what_returns_it() =>
        Assert.Contains(
            "    quiet()\n    return\n", Script.Bodies("function f() { return quiet() } function quiet() { exit() } probe begin { f() }"),
            StringComparison.Ordinal);

    [Theory]
    [InlineData("exit()", "__value_of_exit")]
    [InlineData("error(\"x\")", "__value_of_error")]
    [InlineData("log(\"x\")", "__value_of_log")]
    public void What_is_built_in_without_a_value_has_one_where_it_is_wanted(string call, string function) =>
        Assert.Equal(ScriptType.Long, Function($"global n probe begin {{ n++ > 3 && {call} }}", function).ReturnType);

    [Fact]
    public void Locals_of_a_function_are_its_own() =>
        Assert.Contains(
            "x:string", Script.Bodies("function f() { x = \"s\"; return x } probe begin { x = 1; println(x, f()) }"),
            StringComparison.Ordinal);

    [Fact]
    public void Globals_hidden_by_parameters_stay_hidden()
    {
        BoundProgram program = Script.Bind("global n = 1 function f(n) { n = \"s\"; return n } probe begin { println(f(\"t\"), n) }");
        Assert.Equal(ScriptType.Long, Assert.Single(program.Globals).Type);
    }
}
