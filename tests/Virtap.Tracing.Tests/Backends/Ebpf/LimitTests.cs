using System.Text;
using Virtap.Bpf.Specs;
using Virtap.Language.Diagnostics;
using Virtap.Tracing.Backends.Ebpf;
using Virtap.Tracing.Backends.Ebpf.Emission;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Leftovers;
using Virtap.Tracing.Lowering;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Tests.Lowering;
using Virtap.Tracing.Tests.Specs;

namespace Virtap.Tracing.Tests.Backends.Ebpf;

/// <summary>
/// The verifier's limits (frames, subprograms, jumps, instructions) are not a script's business: what would run into one in a naive
/// translation loads all the same, or is refused by the compiler, with the place.
/// </summary>
public class LimitTests
{
    public static TheoryData<string, string> Large() => new()
    {
        { "tokenize in four loops", Nested(4, "t = tokenize(\"a b\", \" \")", T) },
        { "strtol in four loops", Nested(4, "x += strtol(\"17\", 10)") },
        { "str_replace and ctime in five loops", Nested(5, "t = str_replace(ctime(x), \"a\", \"b\")", T) },
        { "an array in eight loops", "global a\n" + Nested(8, "a[\"k\", x]++") },
        { "sixteen loops", Nested(16, "x++") },
        { "twelve levels of functions called twice", Levels(12) },
        { "256 loops in sequence", Body(256, i => $"for (i{i} = 0; i{i} < 3; i{i}++) x++") },
        { "150 arrays", Declare(150, i => $"global a{i}[10]")
            + Body(150, i => $"a{i}[{(i % 2 == 0 ? "x" : "t")}]++; delete a{i}; foreach (k{i} in a{i}-) x++", T) },
        { "300 functions called twice", Declare(300, i => $"function f{i}(n) {{ while (n > {i}) n -= 7; return n + {i} }}")
            + Body(300, i => $"x += f{i}(x) + f{i}(2)") },
        { "2,000 prints", Body(2000, i => $"printf(\"%d {i} %s\\n\", x, execname())") },
        { "3,000 branches", Body(3000, i => $"if ($n > {i}) x++; else x--") },
        { "a chain of 400 else", "probe subject { " + Declare(400, i => $"if ($n == {i}) x = {i * 3}; else") + "x = 1; println(x) }" },
        { "1,000 elements", "global d\n" + Body(1000, i => $"d[$n + {i}]++") },
        { "1,000 elements with strings", "global d\n" + Body(1000, i => $"d[execname(), {i}] = \"v\" . d[\"x\", {i}]") },
        { "40 errno_str", Body(40, i => $"t = errno_str($n + {i})", T) },
        { "200 calls of library routines",
            Body(200, i => $"t = str_replace(tokenize(sprintf(\"%5d%s\", {i}, t), \",\"), \"a\", \"b\"); x += strtol(t, 16)", T) },
        // By hand, to break it: all at once, and the worst of each.
        { "all statements in each other, twelve deep", Deep(12) },
        { "200 loops, 200 functions and 60 arrays in one probe", Declare(60, i => $"global a{i}[20]")
            + Declare(200, i => $"function f{i}(n, s) {{ foreach (k in a{i % 60} limit 3) n += a{i % 60}[k]; return n + strlen(s) }}")
            + Body(200, i => $"for (i{i} = 0; i{i} < 2; i{i}++) {{ x += f{i}(x, t); a{i % 60}[x]++ }} t = t . \"{i}\"", T) },
        { "every heavy routine in five loops", "global a, d[50]\n" + Nested(5, """
            t = str_replace(tokenize(ctime(gettimeofday_s()), ":"), "a", errno_str($n)); x += strtol(t, 16) + isinstr(t, "b")
            t = text_str(substr(sprintf("%-20s%#x%c", execname(), $n, 65), 1, 9)) . errno_str(x); a[t, x] <<< strlen(t)
            if (t =~ "^([a-z]+)[0-9]*$") d[matched(1)] = x; println(@hist_log(a[t, x])); println(string_quoted(t), ctime(x))
            """, T) },
        { "2,000 prints of every conversion",
            Body(2000, i => $"printf(\"{i} %-*d %08x %c %s %.3s %#o %+d %p %%\\n\", {i % 30}, "
                + "x, $n, 65, t, execname(), x, $seven, $n)", T) },
        { "1,000 elements of three keys, aggregates and arrays in their keys", "global d, e, g\n"
            + Body(1000, i => $"d[$n, {i}, execname()]++; e[d[1, {i}, \"k\"] + {i}] <<< $seven; if (@count(e[{i}]) > 3) delete e[{i}]") },
        { "recursion, catches, slices and deletions in loops", """
            global d, e, g
            function down(n) { try { if (n <= 0) error("end"); g[n, "x"]++; return 1 + down(n - 1) } catch (m) { e[m] <<< n; return 0 } }
            function ack(m, n) { return m == 0 ? n + 1 : n == 0 ? ack(m - 1, 1) : ack(m - 1, ack(m, n - 1)) }
            probe subject {
                for (i = 0; i < 5; i++) foreach ([n, s] in d- limit 4) foreach (v = [p, q] in d[*, s] limit 3) {
                    try { down(n + p); x += ack(1, v); delete g[p, s]; if (x > 9) break }
                    catch (m) { foreach (k in e @count-) { x += @max(e[k]); if (x > 100) break } }
                    foreach ([o, r] in d[n, *])
                        while (o-- > 0) { if (o == 3) continue; println(@hist_linear(e["end"], 0, 20, 2)); g[o, r]-- }
                }
                d[x, "y"] = g[1, "x"]; delete g; println(x, down($n))
            }
            """ },
        { "300 catches", Body(300, i => $"try {{ x /= ($n - {i}) }} catch (m) {{ t = m }}", T) },
    };

    [Theory]
    [MemberData(nameof(Large))]
    public void What_is_large_loads(string what, string script)
    {
        ScriptLoad.Loaded loaded = ScriptLoad.Load(script);
        TestContext.Current.TestOutputHelper?.WriteLine($"figure: {what}: {loaded}");
    }

    [Theory]
    [InlineData(256, 300)]
    [InlineData(4096, 30)]
    public void Frames_of_many_or_long_strings_load(int maxStringLength, int strings)
    {
        string script = "probe subject { for (i = 0; i < 3; i++) {\n"
            + Declare(strings, i => $"s{i} = s{(i + 1) % strings} . sprint(i) . user_string_n($text, 10)")
            + "println(s0) } }";
        LoweringOptions limits = Scripts.Options with { MaxStringLength = maxStringLength };
        Assert.True(Scripts.Lower(script, limits).Layout.ContextBytes > MemoryLayout.Slack);
        ScriptLoad.Load(script, limits);
    }

    [Fact]
    public void A_large_probe_does_what_it_says()
    {
        // Cut into hundreds of blocks, with errors caught and functions called across them.
        string script = """
            global total, seen
            function twice(n) { if (n < 0) error("negative"); for (i = 1; i < 2; i++) n *= 2; return n }
            probe subject {
            """ + string.Concat(Enumerable.Range(0, 500).Select(i =>
                $"if ($seven == 7) {{ total += twice({i}); seen[{i % 10}]++ }} else total = -1\n" +
                $"try {{ twice(-{i % 2}) }} catch (m) {{ if (m == \"negative\") caught++ }}\n")) +
            """
            for (i = 0; i < 3; i++) { if (i == 1) continue; total += i }
            printf("%d %d %d\n", total, seen[3], caught)
            } probe end {}
            """;
        LoweringOptions limits = Scripts.Options with { MaxActions = 100_000 };
        SpecOutcome here = SpecRun.Evaluate(script, limits), kernel = SpecRun.Trace(script, limits: limits);
        Assert.Equal(("249502 50 250\n", ""), (kernel.Output, kernel.Errors));
        Assert.Equal((here.Output, here.Errors), (kernel.Output, kernel.Errors));
    }

    [Theory]
    [MemberData(nameof(Routines))]
    public void Routines_load_where_they_are_verified_at_each_call(string script)
    {
        // As Linux 6.10 to 6.14 have to do it, within the calls that the session allows for it.
        EmitOptions options = ScriptLoad.EmitOptions() with { RoutineLinkage = SubprogramLinkage.Static };
        foreach (ScriptLoad.Loaded loaded in ScriptLoad.Load(Scripts.Lower(script), options))
            TestContext.Current.TestOutputHelper?.WriteLine(loaded.ToString());
    }

    public static TheoryData<string> Routines() =>
    [
        "global a\n" + Nested(4, "a[execname(), x]++"),
        Body(6, i => $"t = sprintf(\"%-5d%08x%s%#c\", x, x, t, {i})", "t = \"\""),
        Body(3, i => $"t = tokenize(\"a,b\", \",\"); x += strtol(t, {i + 8})", "t = \"\""),
        Levels(5),
    ];

    [Theory]
    [InlineData("global a\nprobe subject { a[execname()] = $n }", 400_000, 1 << 28)]
    [InlineData("global a\nprobe subject { a[$n] = 1 }", 3_500_000, 1 << 28)]
    [InlineData("global a\nprobe subject { a[execname()] = $n; foreach (k in a) if (k == \"x\") next }", 1_000_000, 570_000_000)]
    [InlineData("global a, b\nprobe subject { a[execname()] = $n; b[\"x\"] = \"y\"; foreach (k- in b) if (b[k] == k) next }",
        600_000, 990_000_000)]
    public void Memory_up_to_1_GB_can_be_reached(string script, int elements, int bytes)
    {
        LoweringOptions limits = Scripts.Options with { MaxMapEntries = elements };
        Assert.InRange(Scripts.Lower(script, limits).Layout.AddressableBytes, bytes - (bytes / 50), bytes + (bytes / 50));
        ScriptLoad.Load(script, limits);
    }

    [Fact]
    public void An_array_of_a_million_texts_holds_them_and_finds_them()
    {
        // What lies behind the first half of memory is entered, found, changed, walked and deleted by both machines.
        string script = """
            global a
            probe begin { for (i = 0; i < 1000000; i++) a[sprint(i)] = i }
            probe subject {
                a[sprint(999999)]++; a["new"] = 5; delete a["5"]; delete a["999998"]; a["other"] = 7
                println(a["0"], " ", a["999999"], " ", a["999997"], " ", "999998" in a, " ", "5" in a, " ", a["other"], " ", a["new"])
                foreach (k in a limit 3) println(k)
                foreach (v = k in a- limit 2) println(k, " ", v)
                foreach (k in a-) { if (a[k] == 999990) break; sum += a[k] }
                println(sum)
            }
            probe end { println(a["other"], " ", a["new"], " ", a["7"]) }
            """;
        SpecOutcome outcome = SpecRun.Trace(script, limits: Scripts.Options with
        {
            MaxMapEntries = 1_000_001, MaxActions = 100_000_000, MaxActionsInterruptible = 100_000_000, MaxStringLength = 512,
        });
        const string expected = "0 1000000 999997 0 0 7 5\n0\n1\n2\n999999 1000000\n999997 999997\n7999958\n7 5 7\n";
        Assert.Equal((expected, ""), (outcome.Output, outcome.Errors));
    }

    [Theory]
    [InlineData("global x, a\nprobe subject { a[execname()] = $n; x = 1 }", 2_000_000)]
    [InlineData("global x, a\nprobe subject { a[$n, 1, 2, 3, 4] = 1; x = 1 }", 15_000_000)]
    public void More_memory_than_programs_can_reach_is_refused_at_the_largest_array(string script, int elements)
    {
        string refusal = Scripts.Refuse(script, Scripts.Options with { MaxMapEntries = elements });
        Assert.StartsWith("the script's memory would take more than 1023 MB at spec:1:11", refusal, StringComparison.Ordinal);
        Assert.Contains($"array 'a' has {elements} elements", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_statement_of_too_many_jumps_is_refused_with_its_place()
    {
        // A literal of 63 bytes is compared in eight words.
        IEnumerable<string> comparisons = Enumerable.Range(0, 950).Select(i => $"t == \"{new string('x', 60)}{i:D3}\"");
        string script = "probe subject {\n  t = execname()\n  if (" + string.Join(" || ", comparisons) + ") x++\n}";
        Unemittable refusal = ScriptLoad.Refusal(script);
        Assert.Equal("spec:3:3", refusal.Span.ToString());
        Assert.Contains("conditional jumps", refusal.Reason, StringComparison.Ordinal);
        Assert.NotNull(refusal.Hint);
    }

    [Fact]
    public void A_probe_of_too_many_instructions_is_refused_with_its_place()
    {
        Unemittable refusal = ScriptLoad.Refusal("probe begin {}\n" + Body(30_000, i => $"printf(\"%s %d\\n\", execname(), {i})"));
        Assert.StartsWith("spec:2:", refusal.Span.ToString(), StringComparison.Ordinal);
        Assert.Contains("instructions", refusal.Reason, StringComparison.Ordinal);
    }

    private const string T = "t = \"\"";

    private static string Declare(int times, Func<int, string> declaration) =>
        string.Concat(Enumerable.Range(0, times).Select(i => declaration(i) + "\n"));

    private static string Nested(int depth, string inner, string first = "x = 0")
    {
        var text = new StringBuilder($"probe subject {{ x = 0; {first}\n");
        for (int i = 0; i < depth; i++)
            text.Append($"for (i{i} = 0; i{i} < 2; i{i}++) {{ ");
        return text.Append(inner).Append(new string('}', depth)).Append("\nprintln(x) }").ToString();
    }

    private static string Body(int times, Func<int, string> statement, string first = "x = 0") =>
        $"probe subject {{ x = 0; {first}\n" + string.Join('\n', Enumerable.Range(0, times).Select(statement)) + "\nprintln(x) }";

    /// <summary>Loops of every kind, branches and catches, each in the one before.</summary>
    private static string Deep(int depth)
    {
        string inner = "if (x > 1000000) next; b[x, t]++; t = t . sprint(x++)";
        for (int i = 0; i < depth; i++)
        {
            inner = (i % 5) switch
            {
                0 => $"for (i{i} = 0; i{i} < 2; i{i}++) {{ {inner} }}",
                1 => $"foreach ([k{i}, s{i}] in a- limit 2) {{ {inner}; x += a[k{i}, s{i}] }}",
                2 => $"try {{ {inner}; x /= ($n - {i}) }} catch (m{i}) {{ t = m{i} }}",
                3 => $"if ($n > {i} && strlen(t) < 100) {{ {inner} }} else {{ {inner} }}",
                _ => $"while (w{i}++ < 2) {{ {inner}; if (x == {i}) break; else if (x > 50) continue; x-- }}",
            };
        }

        return $"global a, b\nprobe subject {{ x = 0; t = \"\"\n{inner}\na[x, t] = 1; println(x, t) }}";
    }

    /// <summary>A function of each level calls the one below twice.</summary>
    private static string Levels(int levels) =>
        "function f0(n) { for (i = 0; i < 3; i++) n += i; return n + 1 }\n" +
        string.Concat(Enumerable.Range(1, levels - 1).Select(i => $"function f{i}(n) {{ return f{i - 1}(n) + f{i - 1}(n + 1) }}\n")) +
        $"probe subject {{ println(f{levels - 1}($n) + f{levels - 1}(1)) }}";
}
