using System.Globalization;
using Virtap.Bpf.Specs;
using Virtap.Cli.LanguageServer;
using Virtap.Cli.Rendering;
using Virtap.Language;
using Virtap.Language.Binding;
using Virtap.Language.Binding.Printing;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Diagnostics;
using Virtap.Language.Library;
using Virtap.Language.Syntax;
using Virtap.Language.Syntax.Preprocessing;
using Virtap.Language.Syntax.Tree;
using Virtap.Processes.Control;
using Virtap.Tracing.Backends.Ebpf;
using Virtap.Tracing.Backends.Ebpf.Emission;
using Virtap.Tracing.Backends.InProcess;
using Virtap.Tracing.Backends.Ptrace;
using Virtap.Tracing.Compilation;
using Virtap.Tracing.Lowering;
using Virtap.Tracing.Probes;
using Virtap.Tracing.Probes.Families;
using Virtap.Tracing.Runtime;
using static Virtap.Cli.Run.PassReporter;

namespace Virtap.Cli.Run;

/// <summary>One script on its way through the five passes.</summary>
internal sealed class ScriptRun : IDisposable
{
    private const int ListedCpus = 4;

    /// <summary>How many arguments a script is taken to have in an editor; who runs it gives it its own.</summary>
    private const int SupposedArguments = 32;

    /// <summary>Megabytes: the kernel counts a ring's bytes in 32 bits, and takes a power of two.</summary>
    private const int LargestRing = 2048;

    private readonly RunOptions _options;
    private readonly DiagnosticBag _diagnostics = new();
    private readonly PassReporter _reporter;
    private readonly ScriptSources _sources;
    private readonly ProbeResolver _resolver;
    private readonly SessionLimits _limits;

    public ScriptRun(RunOptions options)
    {
        _options = options;
        _limits = SessionLimits.Read(options);
        _sources = new ScriptSources(options, _diagnostics);
        _reporter = new PassReporter(options, _diagnostics);
        _resolver = new ProbeResolver(new ProbeOptions
        {
            TargetProcess = options.TargetProcess,
            Command = options.Command,
            Executables = options.Executables,
            TicksPerSecond = TicksPerSecond,
            RecoveredTypes = new VirtioTypes(),
        });
    }

    /// <summary>What this process is, where it runs for another one in the background; stays the caller's.</summary>
    public FlightRecorder? Recorder { get; init; }

    /// <summary>Who is told of what is written into targets (--runtime=ptrace); null for nobody.</summary>
    public IBreakpointLedger? Ledger { get; init; }

    /// <summary>Runs the passes that were asked for; returns the exit status.</summary>
    public int Execute()
    {
        if (_options.VerbosityOf(1) > 0)
        {
            foreach (string note in _options.Notes)
                _reporter.Say(note);
        }

        foreach ((ResourceKind kind, ulong limit) in _options.ResourceLimits)
        {
            if (ResourceLimit.Set(kind, limit) is { } problem)
                _reporter.Say(problem);
        }

        // Arguments that name something of a running program, such as vdev:disk0, become what they stand for.
        IReadOnlyList<string> arguments = VirtioArguments.Resolve(_options.Arguments, _options.TargetProcess, _diagnostics);
        if (_diagnostics.HasErrors && !_reporter.Report(1))
            return 1;
        var compiler = new ScriptCompiler(CompilerOptions(arguments), _resolver, _diagnostics);
        if (Parse(compiler) is not { } scripts)
            return 1;
        if (_options.Dump != DumpKind.None)
            return Dump(compiler.Library);
        if (_options.LastPass == 1)
            return PrintTree(scripts);
        if (_options.ListPoint is not null)
            return List(compiler, scripts);
        if (Bind(compiler, scripts) is not { } program)
            return 1;
        if (_options.LastPass == 2)
        {
            _reporter.ReportHidden();
            return PrintProgram(program);
        }

        if (Translate(compiler, program) is not { } compiled)
            return 1;
        _reporter.ReportHidden();
        return IsListing ? PrintCode(compiled)
            : new SessionRun(_options, _limits, _reporter) { Recorder = Recorder }.Run(compiled, arguments);
    }

    /// <summary>Serves an editor on two streams, until it says that it has done.</summary>
    /// <returns>Whether it said so.</returns>
    /// <exception cref="IOException">It does not speak the language server protocol, or cannot be written to.</exception>
    public bool Serve(Stream input, Stream output)
    {
        CompilerOptions options = CompilerOptions([.. Enumerable.Repeat("1", SupposedArguments)]);
        var server = new ScriptServer(
            new MessageStream(input, output), mistakes => new ScriptCompiler(options, _resolver, mistakes), [.. _resolver.Forms],
            typeof(RunHelp).Assembly.GetName().Version!.ToString(3));
        return server.Run();
    }

    public void Dispose() => _resolver.Dispose();

    private CompilerOptions CompilerOptions(IReadOnlyList<string> arguments) => new()
    {
        Environment = _sources.Environment(arguments),
        InstalledTapsets = _sources.Installed,
        Binding = new BindOptions
        {
            GlobalValues = _options.Globals,
            IsGuru = _options.IsGuru,
            SkipsBadVariables = _options.SkipsBadVariables,
            TimeZone = IsListing ? static () => TimeZoneInfo.Utc : static () => TimeZoneInfo.Local,
            TicksPerSecond = TicksPerSecond,
            // The probe that -l lists does nothing.
            KeepsUnused = _options.KeepsUnused || _options.ListPoint is not null,
        },
        Lowering = new LoweringOptions
        {
            SuppressesHandlerErrors = _options.SuppressesHandlerErrors,
            SkipsBadVariables = _options.SkipsBadVariables,
            MaxActions = _limits.MaxActions,
            MaxActionsInterruptible = _limits.MaxActionsInterruptible,
            MaxStringLength = _limits.MaxStringLength,
            MaxNesting = _limits.MaxNesting,
            MaxMapEntries = _limits.MaxMapEntries,
            Histograms = _limits.Histograms,
            SymbolFiles = _options.SymbolFiles,
            HasSymbolsOfLibraries = _options.HasSymbolsOfLibraries,
            CpuCount = IsListing ? ListedCpus : Environment.ProcessorCount,
        },
        Backends = _options.UsesPtrace ? [new PtraceBackend(Ptrace), InProcessBackend.Here] : IsListing
            ? [new EbpfBackend(Ebpf with { Emit = EmitOptions.Modern }), InProcessBackend.Modern]
            : [new EbpfBackend(Ebpf), InProcessBackend.Here],
    };

    private EbpfOptions Ebpf => new()
    {
        LockTries = _limits.LockTries,
        IsConfinedToTarget = _options.TargetProcess is not null || _options.Command is not null,
        OutputBytes = (uint)Math.Min(_options.BufferMegabytes ?? 8, LargestRing) << 20,
    };

    private PtraceOptions Ptrace => new()
    {
        HasTarget = _options.TargetProcess is not null || _options.Command is not null,
        Ledger = Ledger,
        OutputBytes = Ebpf.OutputBytes > int.MaxValue ? int.MaxValue : (int)Ebpf.OutputBytes,
    };

    /// <summary>
    /// -p3 is for a machine that is nobody's, whose kernel has all that there is: it asks none, and says the same everywhere.
    /// </summary>
    private bool IsListing => _options.LastPass == 3;

    private long TicksPerSecond() => IsListing ? KernelTicks.Usual : KernelTicks.PerSecond;

    /// <summary>Pass 1: from text to trees.</summary>
    private IReadOnlyList<ScriptSyntax>? Parse(ScriptCompiler compiler)
    {
        var clock = new PassClock();
        List<SourceText> sources = [.. _sources.Read()];
        // Of the library: what of it a script does not use is no mistake of the user's.
        if (VirtioNames.ScriptFor(sources, _options.TargetProcess, _diagnostics) is SourceText names)
            compiler.AddTapset(new TapsetFile(names));
        IReadOnlyList<ScriptSyntax>? scripts = compiler.Parse(sources);
        _sources.AddTapsets(compiler);
        if (!_reporter.Report(1))
            return null;
        if (_options.VerbosityOf(1) > 0)
        {
            int files = compiler.Library.ParsedFiles;
            _reporter.Say($"Pass 1: parsed user script and {files} library {Plural(files, "script")} {clock.Usage}");
        }

        return scripts;
    }

    /// <summary>Pass 2: from trees to a checked program.</summary>
    private BoundProgram? Bind(ScriptCompiler compiler, IReadOnlyList<ScriptSyntax> scripts)
    {
        var clock = new PassClock();
        BoundProgram? program = compiler.Bind(scripts);
        VirtioArguments.CheckNames(_options.Arguments, _options.TargetProcess, _diagnostics);
        if (!_reporter.Report(2) || program is null)
            return null;
        if (_options.VerbosityOf(2) > 0)
        {
            _reporter.Say($"Pass 2: analyzed script: {BoundProgramPrinter.Summarize(program)} {clock.Usage}");
            int caught = program.Probes.SelectMany(static probe => probe.Targets)
                .Count(static target => target is FunctionTarget { ByReturnAddress: true, Binary.Elf.IsLibrary: true });
            if (caught > 0)
                _reporter.Say($"Pass 2: the kernel catches the returns of {caught} functions of libraries, which harms threads that change "
                    + "stacks while one of them runs; none of the programs that run is known to");
        }

        if (_options.ReportsCoverage)
            ReportCoverage(program);
        return program;
    }

    private int PrintProgram(BoundProgram program)
    {
        Console.Out.Write(BoundProgramPrinter.Print(program, withBodies: _options.VerbosityOf(2) > 0));
        return 0;
    }

    /// <summary>-l and -L: a line for each probe point that the pattern matches; a status of 1 where there is none.</summary>
    private int List(ScriptCompiler compiler, IReadOnlyList<ScriptSyntax> scripts)
    {
        BoundProgram? program = compiler.Bind(scripts);
        if (!_reporter.Report(2) || program is null)
            return 1;
        TextOutput output = TextOutput.StandardOutput();
        foreach (string line in ProbeListing.Lines(program.Probes, _options.ListVariables))
            output.WriteLine(line);
        return 0;
    }

    private void ReportCoverage(BoundProgram program)
    {
        foreach (var function in program.Functions.Where(f => f.IsLibrary).OrderBy(f => f.Name, StringComparer.Ordinal))
            _reporter.Say($"tapset function {function.Name}: {function.Span}");
    }

    /// <summary>Pass 3: from a checked program to what machines run.</summary>
    private CompiledScript? Translate(ScriptCompiler compiler, BoundProgram program)
    {
        var clock = new PassClock();
        foreach (Diagnostic problem in _limits.Problems)
            _diagnostics.Add(problem);
        if (!_reporter.Report(3))
            return null;
        CompiledScript? compiled = compiler.Translate(program);
        if (!_reporter.Report(3) || compiled is null)
            return null;
        if (_options.VerbosityOf(3) > 0)
        {
            int programs = compiled.Programs.Count(), instructions = compiled.Programs.Sum(s => s.Instructions.Length);
            _reporter.Say(string.Create(CultureInfo.InvariantCulture,
                $"Pass 3: translated to eBPF: {programs} {Plural(programs, "program")}, {instructions} instructions {clock.Usage}"));
        }

        return compiled;
    }

    private static int PrintCode(CompiledScript compiled)
    {
        foreach (ProgramSpec program in compiled.Programs)
            Console.Out.WriteLine(program);
        return 0;
    }

    private static int PrintTree(IReadOnlyList<ScriptSyntax> scripts)
    {
        Console.Out.WriteLine("# parse tree dump");
        foreach (ScriptSyntax script in scripts)
        {
            Console.Out.WriteLine($"# file {script.Source.Name}");
            Console.Out.WriteLine(ScriptPrinter.Print(script));
        }

        return 0;
    }

    /// <summary>--dump-probe-types, --dump-probe-aliases, --dump-functions.</summary>
    private int Dump(ScriptLibrary library)
    {
        IEnumerable<string> lines = _options.Dump switch
        {
            DumpKind.ProbeTypes => _resolver.Forms,
            DumpKind.ProbeAliases => LibrarySignatures.Aliases(library),
            _ => LibrarySignatures.Functions(library).Concat(VirtioNames.Signatures).Order(StringComparer.Ordinal),
        };
        foreach (string line in lines)
            Console.Out.WriteLine(line);
        return 0;
    }
}
