using System.Text.RegularExpressions;
using Virtap.Bpf.Tests.Support;
using Virtap.Language.Diagnostics;
using Virtap.Language.Library;
using Virtap.Tracing.Compilation;
using Virtap.Tracing.Probes;
using Virtap.Tracing.Probes.Families;
using Virtap.Tracing.Tests.Support;

namespace Virtap.Tracing.Tests.Session;

/// <summary>
/// What --dump-functions and --dump-probe-types list works, in a real program's marks and in the real kernel; what does not is refused
/// with its reason and place.
/// </summary>
public class ListedTests
{
    [Fact]
    public void Every_listed_function_works_in_a_mark()
    {
        RealKernel.Require();
        string mark = $"process(\"{MarkedProgram.Path}\").mark(\"step\")";
        List<string> names = [];
        List<string> probes = [];
        foreach (string line in Functions())
        {
            string call = CallOf(line);
            // After these no other handler would run.
            if (call is "exit()" or "abort()")
                continue;
            // Files and lines of addresses are looked up where they are printed.
            if (Regex.IsMatch(call, @"^usym(file|line)"))
                call = $"print({call})";
            string label = $"{names.Count} {line.Split(' ', ':')[0]}";
            string probe = $"probe {mark} {{ try {{ {call} }} catch (m) {{ }} println(\"{label}\") }}\n";
            IReadOnlyList<Diagnostic> problems = ScriptText.Diagnose(probe);
            Assert.True(problems.Count == 0, $"{line}: {string.Join("; ", problems.Select(each => each.Message))}");
            names.Add(label);
            probes.Add(probe);
        }

        Assert.True(names.Count > 150, $"{names.Count} functions");
        foreach (string[] part in probes.Chunk(40))
        {
            using MarkedProgram program = MarkedProgram.Start(1);
            ScriptText.Outcome outcome = ScriptText.Run(string.Concat(part), () => program.Run());
            foreach (string label in names.Take(part.Length))
                Assert.Contains(label + "\n", outcome.Output, StringComparison.Ordinal);
            names.RemoveRange(0, part.Length);
        }
    }

    [Fact]
    public void Every_listed_probe_type_fires_or_waits_without_an_error()
    {
        RealKernel.Require();
        using MarkedProgram program = MarkedProgram.Start(1);
        var options = new ProbeOptions { TargetProcess = program.Id };
        using var resolver = new ProbeResolver(options);
        // What a processor counts and watches depends on the machine; one that is virtual may do neither. A counter does not fire.
        List<string> forms = [.. resolver.Forms.Where(form => !Regex.IsMatch(form, @"^perf\.hw|\.data\(|\.counter\("))];
        Assert.True(forms.Count > 50, $"{forms.Count} forms");
        List<string> probes = [];
        foreach (string form in forms)
        {
            // Known from debug information alone, which the program has none of; and an address and marks of another file.
            string[] others =
                [".inline", ".label(", ".statement(", "library(string).function(number)", "library(string).mark", "library(string).prov"];
            if (others.Any(each => form.Contains(each, StringComparison.Ordinal)))
                continue;
            string probe = $"probe {PointOf(form, program.Id)} {{ hits++ }}\n";
            IReadOnlyList<Diagnostic> problems = ScriptText.Diagnose(probe, options);
            // Somebody's program beside the tests may have loaded the library and change stacks.
            if (problems.Any(each => each.Message.Contains("cannot be probed without harm: process ", StringComparison.Ordinal)))
                continue;
            Assert.True(
                problems.All(each => each.Kind == DiagnosticKind.Warning),
                $"{form}: {string.Join("; ", problems.Select(each => each.Message))}");
            probes.Add(probe);
        }

        ScriptText.Outcome outcome = ScriptText.Run(
            string.Concat(probes) + "probe begin { println(\"begun\") }",
            () => program.Run(),
            options,
            with: session => session with { TargetProcess = program.Id });
        Assert.StartsWith("begun\n", outcome.Output, StringComparison.Ordinal);
        // Ticks that a busy machine missed are no errors.
        Assert.DoesNotContain("ERROR", outcome.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("process.insn")]
    [InlineData("kernel.function(\"vfs_read\")")]
    public void What_is_not_listed_is_refused_with_its_reason_and_place(string point)
    {
        Diagnostic problem = Assert.Single(ScriptText.Diagnose($"probe begin {{ }}\nprobe {point} {{ }}"));
        Assert.Contains("not supported", problem.Message, StringComparison.Ordinal);
        Assert.StartsWith("t.stp:2:", problem.Span.ToString(), StringComparison.Ordinal);
    }

    private static IEnumerable<string> Functions()
    {
        var diagnostics = new DiagnosticBag();
        using var resolver = new ProbeResolver(new ProbeOptions());
        var compiler = new ScriptCompiler(new CompilerOptions(), resolver, diagnostics);
        return [.. LibrarySignatures.Functions(compiler.Library)];
    }

    /// <summary>A call with arguments of the types that a line of the list has; those it does not say are numbers.</summary>
    private static string CallOf(string line)
    {
        Match signature = Regex.Match(line, @"^(\w+)(:\w+)? \((.*)\)$");
        Assert.True(signature.Success, line);
        // What stands between values needs two of them.
        string parameters = signature.Groups[3].Value
            .Replace("delimiter:string, ...", "delimiter:string, ..., ...", StringComparison.Ordinal);
        IEnumerable<string> arguments = parameters.Split(", ", StringSplitOptions.RemoveEmptyEntries)
            .Select(
                parameter => parameter.EndsWith(":string", StringComparison.Ordinal)
                ? parameter.StartsWith("format", StringComparison.Ordinal) ? "\"%d\"" : "\"a b\"" : "1");
        return $"{signature.Groups[1].Value}({string.Join(", ", arguments)})";
    }

    private static string PointOf(string form, int process)
    {
        // The program has none of these; the C library has.
        bool isOfLibrary = form.Contains(".library(", StringComparison.Ordinal);
        string[] components = form.Split('.');
        for (int i = 0; i < components.Length; i++)
        {
            components[i] = components[i] switch
            {
                "process(string)" => $"process(\"{MarkedProgram.Path}\")",
                "process(number)" => $"process({process})",
                "library(string)" => "library(\"libc.so.6\")",
                "mark(string)" => "mark(\"step\")",
                "provider(string)" => "provider(\"demo\")",
                "function(string)" => isOfLibrary ? "function(\"puts\")" : "function(\"main\")",
                "procfs(string)" => "procfs(\"f\")",
                "callee(string)" => "callee(\"*\")",
                "callees(number)" => "callees(1)",
                "function(number)" => $"function(0x{AddressOfMain():x})",
                "trace(string)" => "trace(\"sched:sched_switch\")",
                "tracepoint(string)" => "tracepoint(\"sched:sched_switch\")",
                "plt(string)" => "plt(\"*\")",
                "type(number)" => "type(1)",
                "config(number)" => "config(0)",
                "sample(number)" => "sample(100000000)",
                "randomize(number)" => "randomize(0)",
                "us(number)" or "usec(number)" => "us(500000)",
                "ns(number)" or "nsec(number)" => "ns(500000000)",
                var other => other.Replace("(number)", "(100)", StringComparison.Ordinal),
            };
        }

        return string.Join('.', components);
    }

    private static ulong AddressOfMain()
    {
        using Virtap.Binaries.Elf.ElfFile elf = Virtap.Binaries.Elf.ElfFile.Open(MarkedProgram.Path);
        Assert.True(elf.Symbols.TryFind("main", out Virtap.Binaries.Elf.ElfSymbol main));
        return main.Address;
    }
}
