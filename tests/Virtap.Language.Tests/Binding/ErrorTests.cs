using Virtap.Language.Binding;

namespace Virtap.Language.Tests.Binding;

/// <summary>What SystemTap refuses in its second pass, in its words and at its places.</summary>
public class ErrorTests
{
    [Theory]
    // Types.
    [InlineData("probe begin { x = 1; x = \"a\" }", "1:22 type mismatch (string)")]
    [InlineData("probe begin { x = 1 + \"a\" }", "1:23 type mismatch: expected long but found string")]
    [InlineData("probe begin { x = \"a\" . 1 }", "1:25 type mismatch: expected string but found long")]
    [InlineData("probe begin { if (\"a\") exit() }", "1:19 type mismatch: expected long but found string")]
    [InlineData("probe begin { x = !\"s\" }", "1:20 type mismatch: expected long but found string")]
    [InlineData("probe begin { x = -\"s\" }", "1:20 type mismatch: expected long but found string")]
    [InlineData("probe begin { x = 1 && \"s\" }", "1:24 type mismatch: expected long but found string")]
    [InlineData("probe begin { x = 1 =~ \"s\" }", "1:19 type mismatch: expected string but found long")]
    [InlineData("probe begin { x = pid() ? 1 : \"s\" }", "1:31 type mismatch: expected long but found string")]
    [InlineData("probe begin { x = 1; if (x == \"a\") exit() }", "1:26 type mismatch (string)")]
    [InlineData("probe begin { x = \"s\"; x++ }", "1:24 type mismatch (long)")]
    [InlineData("probe begin { x = 1; x .= \"s\" }", "1:22 type mismatch (string)")]
    [InlineData("global g = \"x\" probe begin { g = 1 }", "1:30 type mismatch: expected long but found string")]
    [InlineData("probe begin { try { x = 1 } catch (x) { } }", "1:36 type mismatch (string)")]
    [InlineData("probe begin { try { error(\"x\") } catch (x) { y = x + 1 } }", "1:50 type mismatch (long)")]
    [InlineData("probe begin { for (i = 0; \"a\"; i++) exit() }", "1:27 type mismatch: expected long but found string")]
    [InlineData("probe begin { print(x) }", "1:21 unresolved type ")]
    [InlineData("probe begin { x }", "1:15 unresolved type ")]
    [InlineData("probe begin { delete x }", "1:22 unresolved array in delete statement")]
    // Arrays.
    [InlineData("probe begin { a[1] = 2 }", "1:15 unresolved arity-1 global array a, missing global declaration?")]
    [InlineData("probe begin { if ([1, 2] in a) exit() }", "1:29 unresolved arity-2 global array a, missing global declaration?")]
    [InlineData("global a probe begin { a[1] = 2; a[1,2] = 3 }", "1:34 inconsistent arity (1 vs 2)")]
    [InlineData("global a probe begin { a[1] = 2; a = 3 }", "1:34 inconsistent arity (1 vs 0)")]
    [InlineData("global a = 5 probe begin { a[1] = 3 }", "1:28 inconsistent arity (0 vs 1)")]
    [InlineData("global a[10] probe begin { a = 2 }", "1:8 inconsistent arity")]
    [InlineData("global a probe begin { a[1] = 2; a[\"x\"] = 3 }", "1:36 index 0 type mismatch (string)")]
    [InlineData("global a probe begin { a[1] = 2; delete a[\"x\"] }", "1:43 index 0 type mismatch (string)")]
    [InlineData("global a probe begin { a[1] = 1; foreach ([i, j] in a) exit() }", "1:53 inconsistent arity (1 vs 2)")]
    [InlineData("global a probe begin { a[1, 2] = 1; foreach ([i, j] in a[1, 2, 3]) exit() }",
        "1:56 unresolved arity-3 global array a, missing global declaration?")]
    [InlineData("global a probe begin { foreach (k in a) exit() }", "1:33 unresolved type ")]
    [InlineData("global a probe begin { a[1] = 1; x = \"s\"; foreach (x in a) exit() }", "1:52 index 0 type mismatch (string)")]
    [InlineData(
        "global a probe begin { a[1] = 1; foreach (k in a limit \"s\") exit() }", "1:56 type mismatch: expected long but found string")]
    [InlineData(
        "global a probe begin { a[1, 2] = 1; x = a[*, 2] }", "1:41 wildcard not allowed in array index")]
    [InlineData("global a probe begin { a[1] = 1; foreach (k in a) a[k] = 2 }", "1:51 variable 'a' modified during 'foreach' iteration")]
    [InlineData("global a probe begin { a[1] = 1; foreach (k in a) a[k]++ }", "1:51 variable 'a' modified during 'foreach' iteration")]
    [InlineData("global a probe begin { a[1] = 1; foreach (k in a) delete a[k] }", "1:58 variable 'a' modified during 'foreach' iteration")]
    [InlineData(
        "global a function f(k) { a[k] = 2 } probe begin { a[1] = 1; foreach (k in a) f(k) }",
        "1:78 function call modifies var 'a' during 'foreach' iteration")]
    [InlineData(
        "global a function g(k) { f(k) } function f(k) { delete a[k] } probe begin { a[1] = 1; foreach (k in a) g(k) }",
        "1:104 function call modifies var 'a' during 'foreach' iteration")]
    [InlineData("probe begin { delete pid() }", "1:22 invalid operand of delete expression")]
    // Aggregates.
    [InlineData("probe begin { x <<< 1 }", "1:15 stat locals not supported, missing global declaration? ")]
    [InlineData("probe begin { println(@count(x)) }", "1:30 stat locals not supported, missing global declaration? ")]
    [InlineData("global a probe begin { a <<< \"s\" }", "1:30 type mismatch: expected long but found string")]
    [InlineData("global a probe begin { a <<< 1; a = 1 }", "1:33 type mismatch (long)")]
    [InlineData("global a probe begin { a = 1; println(@count(a)) }", "1:46 type mismatch (stats)")]
    [InlineData("global a probe begin { a <<< 1; println(a) }", "1:41 print format actual argument evaluation type unsupported")]
    [InlineData("global a probe begin { a[1] <<< 1; foreach (v = k in a) exit() }", "1:45 invalid type stats")]
    [InlineData("global a probe begin { a[1] = 1; foreach (k in a @sum-) exit() }", "1:48 invalid type long")]
    [InlineData(
        "global a probe begin { a <<< 1; print(@hist_log(a)); print(@hist_linear(a, 0, 9, 1)) }",
        "1:60 multiple histogram types declared on 'a'")]
    [InlineData(
        "global a probe begin { a <<< 1; print(@hist_linear(a, 9, 0, 1)) }",
        "1:39 histogram: Number of buckets must be between 1 and 126")]
    [InlineData("global a probe begin { a <<< 1; print(@hist_linear(a, 0, 9, 0)) }", "1:39 histogram: interval cannot be zero.")]
    [InlineData(
        "global a probe begin { a <<< 1; print(@hist_linear(a, 0, 1000, 1)) }",
        "1:39 histogram: Number of buckets must be between 1 and 126")]
    [InlineData("global a probe begin { a <<< 1; println(@variance(a, 63)) }", "1:41 bit shift (63) out of range <0..62>")]
    [InlineData(
        "global a probe begin { a <<< 1; println(@variance(a, 1), @variance(a, 3)) }",
        "1:58 conflicting bit shifts declared (previously 1)")]
    // Statements.
    [InlineData("probe begin { break }", "1:15 cannot 'break' outside loop")]
    [InlineData("probe begin { if (1) continue }", "1:22 cannot 'continue' outside loop")]
    [InlineData("probe begin { 1 = 2 }", "1:17 Expecting lvalue for assignment")]
    [InlineData("probe begin { pid()++ }", "1:20 Expecting lvalue for assignment")]
    // Functions.
    [InlineData("function f(a) { return 1 } probe begin { f() }", "1:42 arity mismatch found (function 'f' takes 1 args)")]
    [InlineData("probe begin { exit(1) }", "1:15 arity mismatch found (function 'exit' takes 0 args)")]
    [InlineData("probe begin { error(1) }", "1:21 type mismatch: expected long but found string")]
    [InlineData("probe begin { log(1) }", "1:19 type mismatch: expected long but found string")]
    [InlineData("function f(a) { return 1 } probe begin { f(\"a\"); f(1) }", "1:52 index 0 type mismatch (long)")]
    [InlineData("function f:string(a:long) { return a } probe begin { print(f(1)) }", "1:36 type mismatch: expected string but found long")]
    [InlineData(
        "function f:string() { return \"s\" } probe begin { print(f() + 1) }", "1:56 type mismatch: expected long but found string")]
    [InlineData("function f(a) { if (a) return 1; return \"s\" } probe begin { f(1) }", "1:41 type mismatch (string)")]
    [InlineData("probe begin { callers(1) }", "1:15 function 'callers' is not supported yet")]
    [InlineData("probe begin { task_backtrace() }", "1:15 function 'task_backtrace' is not supported")]
    // Formats.
    [InlineData("probe begin { printf(\"%s\", 1) }", "1:28 type mismatch: expected string but found long")]
    [InlineData("probe begin { printf(\"%d\", \"a\") }", "1:28 type mismatch: expected long but found string")]
    [InlineData("probe begin { printf(\"%*d\", \"a\", 1) }", "1:29 type mismatch: expected long but found string")]
    [InlineData("probe begin { printf(\"%d\") }", "1:15 Wrong number of args to formatted print operator")]
    [InlineData("probe begin { printf(\"%d\", 1, 2) }", "1:15 Wrong number of args to formatted print operator")]
    public void A_mistake_is_named_where_it_is(string script, string message) => Assert.Contains(message, Script.Messages(script));

    [Theory]
    [InlineData("function f() %{ int x; %} probe begin { f() }", "1:14 embedded C code is not supported")]
    [InlineData("%{ int x; %} probe begin { exit() }", "1:1 embedded C code is not supported")]
    [InlineData("probe begin { %{ int x; %} }", "1:15 embedded C code is not supported")]
    [InlineData("probe begin { println(%{ 3 %}) }", "1:23 embedded C code is not supported")]
    public void Embedded_C_is_refused_to_gurus_too(string script, string message) =>
        Assert.Equal([message], Script.Messages(script, options: new BindOptions { IsGuru = true }));

    [Theory]
    [InlineData("probe begin { x = 1; x = \"a\" }", "type was first inferred here (long)", "1:15")]
    [InlineData("global a probe begin { a[1] = 2; a[\"x\"] = 3 }", "type of index 0 was first inferred here (long)", "1:26")]
    [InlineData("global a probe begin { a[1] = 2; a = 3 }", "arity 1 first inferred here", "1:24")]
    [InlineData("function f(a) { if (a) return 1; return \"s\" } probe begin { f(1) }", "type was first inferred here (long)", "1:31")]
    public void A_contradiction_names_both_places(string script, string words, string place)
    {
        var diagnostic = Assert.Single(Script.TryBind(script).Diagnostics.Diagnostics);
        (string text, var span) = Assert.Single(diagnostic.Related!);
        Assert.Equal((words, "test.stp:" + place), (text, span.ToString()));
    }

    [Theory]
    [InlineData("probe begin { prinf(\"x\") }", "did you mean 'printf'?")]
    [InlineData("function twice(n) { return n } probe begin { println(twise(2)) }", "did you mean 'twice'?")]
    [InlineData("probe begin { println(gettimeofday_u()) }", "did you mean 'gettimeofday_us'?")]
    [InlineData("probe begin { println(tz_nam()) }", "did you mean 'tz_name'?")]
    [InlineData("global counts probe begin { count[1] = 2 }", "did you mean 'counts'?")]
    [InlineData("probe begin { seen[1] = 2 }", "declare it with: global seen")]
    [InlineData("probe begin { udelay(1) }", "it changes or delays what is traced; Virtap only looks")]
    [InlineData("probe begin { task_backtrace() }", "it is about where in the kernel's code a probe is; Virtap's probes are in programs")]
    [InlineData(
        "function f(x) { return f(x - 1) } probe begin { println(f(1)) }",
        "nothing shows what 'f' returns: declare it, function f:long or f:string")]
    [InlineData("probe begin { println($1) }", "$1 stands for what the argument says in the language; @1 makes a string of it")]
    public void A_hint_says_what_may_help(string script, string hint) =>
        Assert.Equal(hint, Assert.Single(Script.TryBind(script, arguments: ["abc"]).Diagnostics.Diagnostics).Hint);

    [Fact]
    public void What_is_wrong_is_not_made_to_be_the_reason_for_other_messages() =>
        Assert.StartsWith(
            "1:19 unresolved function foo ",
            Assert.Single(Script.Messages("probe begin { x = foo(); y = x; print(y) }")),
            StringComparison.Ordinal);

    [Fact]
    public void A_program_with_an_error_is_not_handed_out() => Assert.Null(Script.TryBind("probe begin { foo() }").Program);

    [Theory]
    [InlineData("probe begin { foo = 1; println(fo + foo) }", "WARNING: 1:32 never-assigned local variable 'fo' (similar: foo)")]
    [InlineData("global x probe begin { if (x) exit() }", "WARNING: 1:8 never-assigned global variable 'x' (similar: x)")]
    public void Variables_that_are_read_and_never_set_are_warned_of(string script, string message) =>
        Assert.Equal([message], Script.Messages(script));

    [Theory]
    [InlineData("probe begin { x++; println(x) }")]
    [InlineData("probe begin { x += 1; println(x) }")]
    [InlineData("global g = 3 probe begin { println(g) }")]
    [InlineData("global a probe begin { a[1] = 2; foreach (v = k in a) println(k, v) }")]
    [InlineData("function f(a) { return a } probe begin { println(f(1)) }")]
    [InlineData("probe begin { try { error(\"x\") } catch (e) { println(e) } }")]
    public void Variables_that_are_set_in_any_way_are_not(string script) => Assert.Empty(Script.Messages(script));
}
