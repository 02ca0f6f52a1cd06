using Virtap.Language;
using Virtap.Language.Binding;
using Virtap.Language.Diagnostics;
using Virtap.Language.Library;
using Virtap.Tracing.Backends;
using Virtap.Tracing.Backends.Ebpf;
using Virtap.Tracing.Backends.Ebpf.Emission;
using Virtap.Tracing.Backends.InProcess;
using Virtap.Tracing.Compilation;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Lowering;
using Virtap.Tracing.Probes;
using Virtap.Tracing.Probes.Families;
using Virtap.Tracing.Tests.Lowering;

namespace Virtap.Tracing.Tests.Compilation;

/// <summary>
/// All that a compiled script is comes from the compiler's inputs; and what a backend cannot do, the compiler tells with its place.
/// </summary>
public class ScriptCompilerTests
{
    private const string OfParent = "probe subject { if (ppid() > 1) println(pexecname()) }";

    [Fact]
    public void Each_handler_goes_to_the_first_backend_that_takes_it()
    {
        CompiledScript script = Compile("probe begin { } probe subject { println($n) } probe tick { } probe end { }")!;
        IEnumerable<string> shares = script.Code.Select(code => string.Join(' ', code.Handlers.Select(h => h.Name)));
        Assert.Equal(["probe_1", "probe_0 probe_2 probe_3"], shares);
        Assert.Equal(["probe_1"], script.Programs.Select(program => program.Name));
    }

    [Fact]
    public void The_same_inputs_give_the_same_programs()
    {
        const string Script = "global a probe subject { a[$n, execname()]++ if (ppid() > 1) println(pexecname()) }";
        Assert.Equal(Listing(Compile(Script)!), Listing(Compile(Script)!));
        Assert.NotEqual(Listing(Compile(Script)!), Listing(Compile(Script, EmitOptions.Modern with { HasPreemptionControl = false })!));
    }

    [Fact]
    public void Where_the_kernel_has_its_members_is_filled_in_when_a_program_is_loaded()
    {
        string listing = Listing(Compile(OfParent)!);
        Assert.Contains(" += task_struct.real_parent\n", listing, StringComparison.Ordinal);
        Assert.Contains(" += task_struct.comm\n", listing, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("probe subject {\n  for (i = 0; i < 3; i++) println(i) }", "bpf_loop, which came with Linux 5.17", "2:3")]
    [InlineData("probe subject {\n  println(ppid()) }", "needs the kernel's BTF", "2:3")]
    [InlineData(
        "function f(n) { return n < 2 ? 1 : f(n - 1) }\nprobe subject {\n  println(f(5)) }", "'f', which calls itself", "3:3")]
    [InlineData("global a[100000]\nprobe subject { a[execname()] = 1 }", "more than this kernel can share with programs (4 MB)", "1:8")]
    public void What_the_kernel_does_not_offer_is_told_with_its_place(string script, string problem, string? place)
    {
        EmitOptions old = EmitOptions.Modern with { HasLoopHelper = false, HasKernelTypes = false, LargestMemory = 4 << 20 };
        IReadOnlyList<Diagnostic> all = Refuse(script, new EbpfBackend(new EbpfOptions { Emit = old }));
        Diagnostic told = Assert.Single(all, d => d.Message.Contains(problem, StringComparison.Ordinal));
        Assert.Equal(place, told.Span?.ToString().Replace("spec:", "", StringComparison.Ordinal));
    }

    [Fact]
    public void A_probe_that_no_backend_takes_is_told_with_its_place()
    {
        Diagnostic told = Assert.Single(Refuse("probe begin { }\nprobe subject { println($n) }"));
        Assert.Equal("subject: no machine that was chosen runs such probes", told.Message);
        Assert.Equal("spec:2:7", told.Span.ToString());
    }

    [Theory]
    [InlineData(false, true, "process.begin and process.end are not supported within a PID namespace")]
    [InlineData(true, false, "process.begin and process.end need the kernel's types")]
    public void Process_events_that_cannot_be_seen_are_told_with_their_place(bool seesAll, bool hasTypes, string problem)
    {
        using var resolver = new ProbeResolver(new ProbeOptions());
        var options = new CompilerOptions
        {
            Binding = new BindOptions { KeepsUnused = true },
            Backends = [new InProcessBackend { SeesAllProcesses = seesAll, HasKernelTypes = hasTypes }],
        };
        var compiler = new ScriptCompiler(options, resolver, new DiagnosticBag());
        Assert.Null(compiler.Compile(new SourceText("spec", "\nprobe process(\"/bin/sh\").begin { println(1) }")));
        Diagnostic told = Assert.Single(compiler.Diagnostics.Diagnostics);
        Assert.StartsWith(problem, told.Message, StringComparison.Ordinal);
        Assert.Equal("spec:2:7", told.Span.ToString());
    }

    [Fact]
    public void A_tapset_file_with_mistakes_is_left_out_with_a_warning()
    {
        ScriptCompiler compiler = Compiler([InProcessBackend.Modern]);
        compiler.AddTapset(new(new SourceText("broken.stp", "function broken( {")));
        compiler.AddTapset(new(new SourceText("whole.stp", "function whole() { return 1 }")));
        Assert.NotNull(compiler.Compile(new SourceText("spec", "probe begin { println(whole()) }")));
        Diagnostic told = Assert.Single(compiler.Diagnostics.Diagnostics);
        Assert.Equal(DiagnosticKind.Warning, told.Kind);
        Assert.Equal("tapset \"broken.stp\" has errors, and will be skipped", told.Message);
        Assert.Equal("broken.stp:1:18", told.Span.ToString());
    }

    [Fact]
    public void What_our_own_tapset_has_is_not_taken_from_a_file_that_yields_to_it()
    {
        ScriptCompiler compiler = Compiler([InProcessBackend.Modern]);
        compiler.AddTapset(
            new(new SourceText("theirs.stp", "function isdigit:long(s:string) %{ %} function pid:long() %{ %}")), yieldsToOwn: true);
        compiler.AddTapset(new(new SourceText("others.stp", "function others_own() { return 1 }")), yieldsToOwn: true);
        Assert.NotNull(compiler.Compile(new SourceText("spec", "probe begin { println(isdigit(\"1\"), pid(), others_own()) }")));
        Assert.Empty(compiler.Diagnostics.Diagnostics);
    }

    [Theory]
    [InlineData("probe begin { println(theirs()) }", 1)]
    [InlineData("probe theirs.begin { println(what) }", 1)]
    [InlineData("probe their*.begin { println(what) }", 1)]
    [InlineData("probe begin { println(isdigit(\"1\")) }", 0)]
    [InlineData("probe nosuch.begin? { } probe end { println(1) }", 1)]
    public void What_others_have_installed_is_read_when_nobody_else_knows_a_name(string script, int reads)
    {
        int count = 0;
        ScriptCompiler compiler = Compiler([InProcessBackend.Modern], () =>
        {
            count++;
            return
            [
                new(new SourceText("in-c.stp", "%{ int x; %} function isdigit:long(s:string) %{ %} function theirs() { return 1 }")),
                new(new SourceText("theirs.stp", "probe theirs.begin = begin { what = 5 }")),
                new(new SourceText("broken.stp", "function broken( {")),
            ];
        });
        Assert.NotNull(compiler.Compile(new SourceText("spec", script)));
        Assert.Empty(compiler.Diagnostics.Diagnostics);
        Assert.Equal(reads, count);
    }

    [Fact]
    public void What_is_broken_or_needs_the_kernel_in_an_installed_tapset_is_told_and_skipped()
    {
        ScriptCompiler compiler = Compiler([InProcessBackend.Modern], static () =>
        [
            new(new SourceText("broken.stp", "function theirs( {")),
            new(new SourceText("theirs.stp", "function theirs() { return 1 }\nprobe kernel.function(\"x\") { println(1) }")),
        ]);
        Assert.NotNull(compiler.Compile(new SourceText("spec", "probe begin { println(theirs()) }")));
        Assert.Equal([DiagnosticKind.Warning, DiagnosticKind.Warning], compiler.Diagnostics.Diagnostics.Select(each => each.Kind));
        Assert.Equal("tapset \"broken.stp\" has errors, and will be skipped", compiler.Diagnostics.Diagnostics[0].Message);
        Assert.StartsWith("a probe of tapset \"theirs.stp\" is skipped: ", compiler.Diagnostics.Diagnostics[1].Message);
    }

    [Fact]
    public void A_function_in_C_of_an_installed_tapset_is_refused_where_it_is_used()
    {
        ScriptCompiler compiler = Compiler(
            [InProcessBackend.Modern], static () => [new(new SourceText("theirs.stp", "function theirs:long() %{ STAP_RETVALUE = 1; %}"))]);
        Assert.Null(compiler.Compile(new SourceText("spec", "probe begin { println(theirs()) }")));
        Assert.Equal("embedded C code is not supported", Assert.Single(compiler.Diagnostics.Diagnostics).Message);
    }

    [Fact]
    public void A_tapset_below_PATH_names_the_programs_of_its_folder()
    {
        string folder = Directory.CreateTempSubdirectory("virtap-path").FullName;
        try
        {
            File.Copy("/bin/sh", Path.Combine(folder, "mine"));
            using var resolver = new ProbeResolver(new ProbeOptions());
            var options = new CompilerOptions
            {
                InstalledTapsets = () => [new(new SourceText(
                    "mine.stp", "probe mine.start = process(\"mine\").begin { } probe other.start = process(\"sh\").begin { }"), folder)],
            };
            Assert.Contains("mine", Start("mine"));
            Assert.DoesNotContain(folder, Start("other"));

            string Start(string name)
            {
                var compiler = new ScriptCompiler(options, resolver, new DiagnosticBag());
                var bound = compiler.Bind(compiler.Parse(new SourceText("spec", $"probe {name}.start {{ println(1) }}"))!);
                Assert.Empty(compiler.Diagnostics.Diagnostics);
                return bound!.Probes[0].Targets[0].Point;
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static CompiledScript? Compile(string script, EmitOptions? emit = null)
    {
        var ebpf = new EbpfBackend(new EbpfOptions { Emit = emit ?? EmitOptions.Modern });
        ScriptCompiler compiler = Compiler([ebpf, InProcessBackend.Modern]);
        CompiledScript? compiled = compiler.Compile(new SourceText("spec", script));
        Assert.Empty(compiler.Diagnostics.Diagnostics.Select(d => d.Message));
        return compiled;
    }

    private static IReadOnlyList<Diagnostic> Refuse(string script, params IBackend[] others)
    {
        ScriptCompiler compiler = Compiler([.. others, InProcessBackend.Modern]);
        Assert.Null(compiler.Compile(new SourceText("spec", script)));
        return compiler.Diagnostics.Diagnostics;
    }

    private static ScriptCompiler Compiler(IReadOnlyList<IBackend> backends, Func<IEnumerable<TapsetFile>>? installed = null)
    {
        var options = new CompilerOptions
        {
            InstalledTapsets = installed ?? (static () => []),
            Binding = new BindOptions { KeepsUnused = true },
            Lowering = new LoweringOptions { CpuCount = 4 },
            Backends = backends,
        };
        return new ScriptCompiler(options, new ScriptTargets(), new DiagnosticBag());
    }

    private static string Listing(CompiledScript script) => string.Concat(script.Programs.Select(program => program.ToString()));
}
