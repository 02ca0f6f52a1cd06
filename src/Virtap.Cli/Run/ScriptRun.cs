using Virtap.Cli.Rendering;
using Virtap.Language;
using Virtap.Language.Binding;
using Virtap.Language.Diagnostics;
using Virtap.Language.Syntax.Preprocessing;
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

namespace Virtap.Cli.Run;

/// <summary>One script on its way through the five passes.</summary>
internal sealed partial class ScriptRun : IDisposable
{
    private const int ListedCpus = 4;

    /// <summary>Megabytes: the kernel counts a ring's bytes in 32 bits, and takes a power of two.</summary>
    private const int LargestRing = 2048;

    private readonly RunOptions _options;
    private readonly OutputWriter _errors = StandardStreams.Error;
    private readonly DiagnosticBag _diagnostics = new();
    private readonly DiagnosticRenderer _renderer;
    private readonly ProbeResolver _resolver;
    private readonly SessionLimits _limits;
    private readonly TapsetFolders _tapsets;
    private int _reported;

    public ScriptRun(RunOptions options)
    {
        _options = options;
        _limits = SessionLimits.Read(options);
        _tapsets = new TapsetFolders(KernelRelease, LanguageEnvironment.HostArchitecture);
        _renderer = new DiagnosticRenderer(options.Color ?? !Console.IsErrorRedirected, showsAll: options.VerbosityOf(1) > 0);
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
                Say(note);
        }

        foreach ((ResourceKind kind, ulong limit) in _options.ResourceLimits)
        {
            if (ResourceLimit.Set(kind, limit) is { } problem)
                Say(problem);
        }

        // Arguments that name something of a running program, such as vdev:disk0, become what they stand for.
        IReadOnlyList<string> arguments = VirtioArguments.Resolve(_options.Arguments, _options.TargetProcess, _diagnostics);
        if (_diagnostics.HasErrors && !Report(1))
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
            ReportHidden();
            return PrintProgram(program);
        }

        if (Translate(compiler, program) is not { } compiled)
            return 1;
        ReportHidden();
        return IsListing ? PrintCode(compiled) : RunSession(compiled);
    }

    public void Dispose() => _resolver.Dispose();

    private CompilerOptions CompilerOptions(IReadOnlyList<string> arguments) => new()
    {
        Environment = Environment(arguments),
        InstalledTapsets = InstalledTapsets,
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
            CpuCount = IsListing ? ListedCpus : System.Environment.ProcessorCount,
        },
        Backends = _options.UsesPtrace ? [new PtraceBackend(Ptrace), InProcessBackend.Here] : IsListing
            ? [new EbpfBackend(Ebpf with { Emit = EmitOptions.Modern }), InProcessBackend.Modern]
            : [new EbpfBackend(Ebpf), InProcessBackend.Here],
    };

    private EbpfOptions Ebpf => new()
    {
        LockTries = _limits.LockTries,
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

    private void Say(string line)
    {
        _errors.Write(PrintableText.OfLines(line));
        _errors.Write("\n");
        _errors.Flush();
    }

    /// <summary>How many similar messages were not shown.</summary>
    private void ReportHidden()
    {
        _errors.Write(_renderer.Hidden);
        _errors.Flush();
    }

    /// <summary>Tells what was found since the last call.</summary>
    /// <returns>Whether the pass succeeded: no errors, and with -W no warnings.</returns>
    private bool Report(int pass)
    {
        bool hasFailed = _diagnostics.HasErrors;
        var news = new DiagnosticBag();
        foreach (Diagnostic diagnostic in _diagnostics.Diagnostics.Skip(_reported))
        {
            bool isWarning = diagnostic.Kind == DiagnosticKind.Warning;
            hasFailed |= isWarning && _options.WarningsAreErrors;
            if (!isWarning || !_options.HidesWarnings || _options.WarningsAreErrors)
                news.Add(diagnostic);
        }

        _reported = _diagnostics.Diagnostics.Count;
        _errors.Write(_renderer.Render(news));
        if (hasFailed)
        {
            Say(DiagnosticRenderer.PassFailed(pass));
            ReportHidden();
        }

        _errors.Flush();
        return !hasFailed;
    }
}
