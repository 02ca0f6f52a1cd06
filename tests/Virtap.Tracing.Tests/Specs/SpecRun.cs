using System.Text;
using System.Text.RegularExpressions;
using Virtap.Cli.Words;
using Virtap.Bpf.Tests.Support;
using Virtap.Language;
using Virtap.Language.Binding;
using Virtap.Language.Diagnostics;
using Virtap.Language.Syntax.Preprocessing;
using Virtap.Tracing.Backends.Ebpf;
using Virtap.Tracing.Backends.InProcess;
using Virtap.Tracing.Backends.Ptrace;
using Virtap.Tracing.Compilation;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Lowering;
using Virtap.Tracing.Probes;
using Virtap.Tracing.Runtime;
using Virtap.Tracing.Session;

namespace Virtap.Tracing.Tests.Specs;

/// <summary>What came of a spec's program.</summary>
/// <param name="Script">What the compiler made of it; null where it refused.</param>
/// <param name="Messages">What the compiler said, as it is shown.</param>
/// <param name="Output">What it printed.</param>
/// <param name="Errors">What was said while it ran.</param>
internal sealed record SpecOutcome(CompiledScript? Script, string Messages, string Output = "", string Errors = "");

/// <summary>Takes a spec's program through the passes, on one machine or the other.</summary>
internal static partial class SpecRun
{
    /// <summary>What ends by itself has ended long before.</summary>
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    /// <summary>Passes 1 to 3.</summary>
    public static SpecOutcome Compile(Spec spec, SpecMachine machine)
    {
        using var probes = new SpecProbes(machine, SpecTarget.Path);
        return Compile(spec.Program, probes, OptionsOf(spec, machine));
    }

    /// <summary>
    /// The whole session. One with a probe in the target ends after the target's call, and any other when its begin probes have run;
    /// but with a timer in it only the script can end it.
    /// </summary>
    public static SpecOutcome Run(Spec spec, SpecMachine machine) =>
        Run(spec.Program, machine, OptionsOf(spec, machine), SpecTarget.Path, static () => SpecTarget.Running().Work());

    /// <summary>The whole session in this process.</summary>
    /// <param name="program">The script.</param>
    /// <param name="limits">Its limits; null for the usual ones.</param>
    public static SpecOutcome Evaluate(string program, LoweringOptions? limits = null) =>
        Run(program, SpecMachine.Process, Options(SpecMachine.Process, limits), "/bin/true", static () => { });

    /// <summary>The whole session in the kernel, with a target of its own that calls <c>work</c> in several threads at once.</summary>
    /// <param name="program">The script.</param>
    /// <param name="calls">How many calls each thread makes.</param>
    /// <param name="threads">How many threads.</param>
    /// <param name="limits">Its limits; null for the usual ones.</param>
    public static SpecOutcome Trace(string program, int calls = 1, int threads = 1, LoweringOptions? limits = null)
    {
        RealKernel.Require();
        using Target target = Target.Start(threads, calls);
        return Run(program, SpecMachine.Kernel, Options(SpecMachine.Kernel, limits), Target.ProgramPath, () => target.Run());
    }

    private static SpecOutcome Run(string program, SpecMachine machine, CompilerOptions compilation, string targetPath, Action work)
    {
        if (machine == SpecMachine.Kernel)
            RealKernel.Require();
        using var probes = new SpecProbes(machine, targetPath);
        SpecOutcome compiled = Compile(program, probes, compilation);
        if (compiled.Script is not { } script)
            return compiled;

        var output = new MemoryStream();
        var errors = new MemoryStream();
        var options = new SessionOptions
        {
            Output = new OutputWriter(bytes => output.Write(bytes)),
            Errors = new OutputWriter(bytes => errors.Write(bytes)),
            StopsOnSignals = false,
            TimeLimit = s_limit,
            TargetProcess = machine == SpecMachine.Tracer ? SpecTarget.Running().Id : null,
        };
        HandledTarget[] targets = [.. script.Program.Handlers.SelectMany(handler => handler.Targets).Cast<HandledTarget>()];
        using LoadedScript loaded = new ScriptHost(options).Load(script);
        using RunningScript session = loaded.Start();
        if (targets.Any(each => each is CodeTarget))
            work();
        if (!targets.Any(each => each.Kind == HandlerKind.InProcess))
            session.Stop();
        SessionEndWords.Write(session.RunToEnd(), options.Errors);
        return compiled with { Output = Text(output), Errors = MissedTicks().Replace(Text(errors), "") };
    }

    private static SpecOutcome Compile(string program, SpecProbes probes, CompilerOptions options)
    {
        var diagnostics = new DiagnosticBag();
        CompiledScript? script = new ScriptCompiler(options, probes, diagnostics).Compile(new SourceText("spec", program));
        return new SpecOutcome(script, new DiagnosticRenderer().Render(diagnostics));
    }

    private static CompilerOptions OptionsOf(Spec spec, SpecMachine machine)
    {
        IReadOnlyList<string> arguments = [.. spec.Arguments.Select(SpecTarget.Argument)];
        CompilerOptions options = Options(machine) with { Environment = new LanguageEnvironment { Arguments = arguments } };
        return spec.Options.Aggregate(options, With);
    }

    private static CompilerOptions Options(SpecMachine machine, LoweringOptions? limits = null) => new()
    {
        Lowering = limits ?? new LoweringOptions { CpuCount = Math.Min(Environment.ProcessorCount, 64) },
        Backends = machine switch
        {
            SpecMachine.Kernel => [new EbpfBackend(new EbpfOptions()), InProcessBackend.Here],
            SpecMachine.Tracer => [new PtraceBackend(new PtraceOptions { HasTarget = true }), InProcessBackend.Here],
            _ => [new SubjectBackend(), InProcessBackend.Here],
        },
    };

    private static CompilerOptions With(CompilerOptions options, string option)
    {
        string[] halves = option.Split('=', 2);
        string value = halves[^1];
        return halves[0] switch
        {
            "-g" => options with
            {
                Environment = options.Environment with { IsGuru = true },
                Binding = options.Binding with { IsGuru = true },
            },
            "--skip-badvars" => options with
            {
                Binding = options.Binding with { SkipsBadVariables = true },
                Lowering = options.Lowering with { SkipsBadVariables = true },
            },
            "--ldd" => options with { Lowering = options.Lowering with { HasSymbolsOfLibraries = true } },
            "-u" => options with { Binding = options.Binding with { KeepsUnused = true } },
            ['-', 'G', .. string global] => options with { Binding = WithGlobal(options.Binding, global, value) },
            ['-', 'D', .. string limit] => options with { Lowering = WithLimit(options.Lowering, limit, int.Parse(value)) },
            _ => throw new FormatException($"no option of specs: {option}"),
        };
    }

    private static BindOptions WithGlobal(BindOptions options, string name, string value) =>
        options with { GlobalValues = new Dictionary<string, string>(options.GlobalValues) { [name] = value } };

    private static LoweringOptions WithLimit(LoweringOptions options, string name, int value) => name switch
    {
        "MAXACTION" => options with { MaxActions = value },
        "MAXACTION_INTERRUPTIBLE" => options with { MaxActionsInterruptible = value },
        "MAXNESTING" => options with { MaxNesting = value },
        "MAXSTRINGLEN" => options with { MaxStringLength = value },
        "MAXMAPENTRIES" => options with { MaxMapEntries = value },
        "HIST_WIDTH" => options with { Histograms = options.Histograms with { Width = value } },
        "HIST_ELISION" => options with { Histograms = options.Histograms with { Elision = value } },
        _ => throw new FormatException($"no limit of specs: {name}"),
    };

    /// <summary>What a machine that is busy with other tests makes of timers.</summary>
    [GeneratedRegex(@"\AWARNING: Number of errors: 0, [^\n]*\nWARNING: Skipped as Virtap was stopped [^\n]*\n")]
    private static partial Regex MissedTicks();

    private static string Text(MemoryStream bytes) => Encoding.UTF8.GetString(bytes.ToArray());
}
