using Virtap.Binaries;
using Virtap.Tracing.Backends.Ebpf;
using Virtap.Tracing.Backends.Ebpf.Emission;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Ir.Printing;
using Virtap.Tracing.Tests.Specs;

namespace Virtap.Tracing.Tests.Lowering;

/// <summary>
/// What the parser takes at its deepest, and calls that nest as deep as functions are declared: no later pass, and no machine, comes to
/// the end of its stack.
/// </summary>
public class DepthTests
{
    private const int Functions = 60_000;

    private static readonly EmitOptions s_options = new() { Architecture = Architecture.X64 };

    public static TheoryData<string, string> Deep() => new()
    {
        { "a row of else", Repeat(990, i => $"if ($n == {i}) x = next_of({i}); else ") + "x = 1" },
        { "a sum", "x = 1" + Repeat(990, _ => " + $n") },
        { "a sum to the right", "x = " + Repeat(280, _ => "$n - (") + "1" + new string(')', 280) },
        { "a concatenation", "s = \"a\"" + Repeat(990, _ => " . execname()") },
        { "a concatenation to the right", "s = " + Repeat(280, _ => "execname() . (") + "\"a\"" + new string(')', 280) },
        { "negations", "x = " + Repeat(290, _ => "!") + "$n" },
        { "choices", "x = " + Repeat(280, i => $"$n == {i} ? next_of({i}) : ") + "0" },
        { "conditions", "x = 1" + Repeat(990, i => $" && next_of({i})") },
        { "keys", "x = " + Repeat(280, _ => "a[") + "$n" + new string(']', 280) },
        { "blocks", Repeat(140, i => $"if ($n > {i}) {{ x++; ") + new string('}', 140) },
        { "loops", Repeat(140, i => $"for (i{i} = 0; i{i} < 1; i{i}++) {{ ") + "x++" + new string('}', 140) },
        { "catches", Repeat(280, _ => "try { ") + "x = 1 / $n" + Repeat(280, _ => " } catch { x++ }") },
    };

    [Theory]
    [MemberData(nameof(Deep))]
    public void What_the_parser_takes_every_pass_takes(string what, string body)
    {
        string script = "global a\nfunction next_of(n) { return n + 1 }\n"
            + $"probe subject {{ x = 0; s = \"\"; {body}; println(x, s); a[0]++ }}";
        SpecOutcome outcome = SpecRun.Evaluate(script);
        LoweredProgram program = outcome.Script!.Program;
        Assert.Contains("probe_0", LoweredProgramPrinter.Print(program), StringComparison.Ordinal);
        EmitResult emitted = ProgramEmitter.Emit(program, program.Handlers[0], s_options);
        Assert.True(emitted.Program is null != emitted.Unsupported is null, what);
        Assert.NotEqual("", outcome.Output + outcome.Errors);
    }

    [Fact]
    public void A_chain_of_calls_as_long_as_the_script_takes_no_stack()
    {
        string chain = "function f0() { return 1 }\n" + Repeat(Functions - 1, i => $"function f{i + 1}() {{ return f{i}() }}\n");
        SpecOutcome outcome = SpecRun.Evaluate(
            $"{chain} probe begin {{ println(f{Functions - 1}()) }} probe subject {{ println(f{Functions - 1}()) }}");
        LoweredProgram program = outcome.Script!.Program;
        Assert.Equal(Functions, program.Handlers[0].Functions.Count);
        Assert.Contains($"call f{Functions - 2}\n", LoweredProgramPrinter.Print(program), StringComparison.Ordinal);

        EmitResult emitted = ProgramEmitter.Emit(program, program.Handlers[1], s_options);
        Assert.NotNull(emitted.Unsupported);

        // How deep calls may nest here is the stack's to say, where the script does not.
        Assert.True(outcome.Output == "1\n1\n" || outcome.Errors.Contains("MAXNESTING", StringComparison.Ordinal), outcome.Errors);
    }

    [Fact]
    public void A_ring_of_calls_as_long_as_the_script_is_refused_where_it_cannot_run()
    {
        const int Ring = Functions / 4;
        string ring = Repeat(Ring, i => $"function f{i}:long() {{ return f{(i + 1) % Ring}() }}\n");
        Assert.Contains("instructions of eBPF", Scripts.Refuse($"{ring} probe subject {{ println(f0()) }}"), StringComparison.Ordinal);
    }

    private static string Repeat(int count, Func<int, string> make) => string.Concat(Enumerable.Range(0, count).Select(make));
}
