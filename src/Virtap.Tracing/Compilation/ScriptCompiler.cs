using Virtap.Language;
using Virtap.Language.Binding;
using Virtap.Language.Binding.Targets;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Diagnostics;
using Virtap.Language.Library;
using Virtap.Language.Syntax;
using Virtap.Language.Syntax.Preprocessing;
using Virtap.Language.Syntax.Tree;
using Virtap.Tracing.Backends;
using Virtap.Tracing.Backends.Ebpf;
using Virtap.Tracing.Backends.InProcess;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Lowering;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Probes;
using Virtap.Tracing.Probes.Families;

namespace Virtap.Tracing.Compilation;

/// <summary>What a script is compiled by.</summary>
public sealed record CompilerOptions
{
    /// <summary>Pass 1: the script's arguments and what its conditions may ask for.</summary>
    public LanguageEnvironment Environment { get; init; } = new();

    /// <summary>Reads the tapsets that others have installed on this machine, when the script has a name that nobody else knows.</summary>
    public Func<IEnumerable<TapsetFile>> InstalledTapsets { get; init; } = static () => [];

    /// <summary>Pass 2.</summary>
    public BindOptions Binding { get; init; } = new();

    /// <summary>Pass 3: the session's limits.</summary>
    public LoweringOptions Lowering { get; init; } = new();

    /// <summary>The machines that handlers can run on: each goes to the first that takes it.</summary>
    public IReadOnlyList<IBackend> Backends { get; init; } = [new EbpfBackend(new EbpfOptions()), InProcessBackend.Here];
}

/// <summary>
/// Makes a program of a script's text, by passes 1 to 3: parsed, bound to the probe points that there are, lowered and given to the
/// machines that run it. The only place that knows their order. What a script's author is to know goes to the diagnostics; a pass that
/// finds an error gives null, and the next one is not to be asked. No process is touched but through the resolver, and the kernel not at
/// all, unless a backend has not been told what it offers (<see cref="EbpfOptions.Emit"/>).
/// </summary>
public sealed class ScriptCompiler
{
    private readonly CompilerOptions _options;
    private readonly IProbeResolver _resolver;
    private readonly LanguageEnvironment _libraryEnvironment;

    /// <summary>Takes what all passes share.</summary>
    /// <param name="options">What the script is compiled by.</param>
    /// <param name="resolver">Knows the probe points.</param>
    /// <param name="diagnostics">Takes what is wrong.</param>
    public ScriptCompiler(CompilerOptions options, IProbeResolver resolver, DiagnosticBag diagnostics)
    {
        Func<long> ticks = options.Binding.TicksPerSecond ?? (static () => KernelTicks.PerSecond);
        LanguageEnvironment environment = options.Environment;
        if (ReferenceEquals(environment.Macros, MacroLibrary.Empty))
            environment = environment with { Macros = new MacroLibrary { ReadOwn = () => Tapset.ReadMacros(environment) } };
        _options = options with { Environment = environment, Binding = options.Binding with { TicksPerSecond = ticks } };
        _resolver = resolver;
        Diagnostics = diagnostics;
        _libraryEnvironment = environment with { IsLibrary = true };
        Library = new ScriptLibrary(ParseLibrary, new InstalledTapset(options.InstalledTapsets, ParseTapset));
    }

    /// <summary>What pass 1 is told.</summary>
    public LanguageEnvironment Environment => _options.Environment;

    /// <summary>What is wrong with the script so far.</summary>
    public DiagnosticBag Diagnostics { get; }

    /// <summary>The tapset, and what was added to it: parsed as scripts ask for it.</summary>
    public ScriptLibrary Library { get; }

    /// <summary>Adds a file of the user's to the tapset (-I). One with mistakes is left out, as SystemTap does, with a warning.</summary>
    /// <param name="file">The file.</param>
    /// <param name="yieldsToOwn">Whether what our own tapset has too is taken from there.</param>
    public void AddTapset(TapsetFile file, bool yieldsToOwn = false)
    {
        if (ParseTapset(file) is { } script)
            Library.Add(script, yieldsToOwn);
    }

    /// <summary>All passes at once.</summary>
    public CompiledScript? Compile(params IReadOnlyList<SourceText> sources) =>
        Parse(sources) is { } scripts && Bind(scripts) is { } program ? Translate(program) : null;

    /// <summary>Pass 1: from text to trees.</summary>
    public IReadOnlyList<ScriptSyntax>? Parse(params IReadOnlyList<SourceText> sources)
    {
        List<ScriptSyntax> scripts = [.. sources.Select(source => ScriptParser.Parse(source, _options.Environment, Diagnostics))];
        if (Diagnostics.HasErrors)
            return null;
        for (int number = 1; number <= _options.Environment.Arguments.Count; number++)
        {
            if (!_options.Environment.UsedArguments.Contains(number))
                Diagnostics.Warning($"unused command line option ${number}/@{number}", null);
        }

        return scripts;
    }

    /// <summary>Pass 2: every name gets its meaning, every expression its type.</summary>
    public BoundProgram? Bind(IReadOnlyList<ScriptSyntax> scripts) =>
        ScriptBinder.Bind(scripts, Library, _resolver, _options.Binding, Diagnostics);

    /// <summary>Pass 3: the program is lowered, and its handlers become what their machines run.</summary>
    public CompiledScript? Translate(BoundProgram program) =>
        Lower(program) is { } lowered ? Translate(lowered, _options.Backends, Diagnostics) : null;

    /// <summary>
    /// The first half of pass 3, the same for every machine: every variable gets its place in memory, every statement its order.
    /// </summary>
    public LoweredProgram? Lower(BoundProgram program)
    {
        foreach (Diagnostic deferred in program.Deferred)
            Diagnostics.Add(deferred);
        if (program.Deferred.Count > 0)
            return null;
        MemoryLimits memory = _options.Backends.Aggregate(_options.Lowering.Memory, static (limits, each) => limits.And(each.Memory));
        return Lowerer.Lower(program, _options.Lowering with { Memory = memory }, Diagnostics);
    }

    /// <summary>The second half: each handler becomes what its machine runs.</summary>
    /// <param name="program">The program.</param>
    /// <param name="backends">The machines, of which a handler's first one runs it.</param>
    /// <param name="diagnostics">Takes what they cannot do; then the result is null.</param>
    public static CompiledScript? Translate(LoweredProgram program, IReadOnlyList<IBackend> backends, DiagnosticBag diagnostics)
    {
        int errors = diagnostics.ErrorCount;
        var code = new List<HandlerCode>();
        ILookup<IBackend?, LoweredHandler> shares = program.Handlers.ToLookup(
            handler => backends.FirstOrDefault(each => each.Supports((HandledTarget)handler.Targets[0])));
        foreach (LoweredHandler orphan in shares[null])
            diagnostics.Semantic($"{orphan.Targets[0].Point}: no machine that was chosen runs such probes", program.SpanOf(orphan.Body));

        foreach (IBackend backend in backends)
        {
            if (shares[backend].Any())
                code.Add(backend.Translate(program, [.. shares[backend]], diagnostics));
        }

        return diagnostics.ErrorCount == errors ? new CompiledScript(program, code) : null;
    }

    private ScriptSyntax? ParseTapset(TapsetFile file)
    {
        var mistakes = new DiagnosticBag();
        ScriptSyntax script = ScriptParser.Parse(file.Source, _libraryEnvironment, mistakes);
        if (!mistakes.HasErrors)
            return file.ProgramFolder is { } folder ? ProgramFolder.Apply(script, folder, File.Exists) : script;
        Diagnostic first = mistakes.Diagnostics.First(static each => each.Kind != DiagnosticKind.Warning);
        Diagnostics.Warning($"tapset \"{file.Source.Name}\" has errors, and will be skipped", first.Span, first.Message);
        return null;
    }

    // Of a file that is wrong nothing is used; its errors are told.
    private ScriptSyntax? ParseLibrary(SourceText source)
    {
        int errors = Diagnostics.ErrorCount;
        ScriptSyntax script = ScriptParser.Parse(source, _libraryEnvironment, Diagnostics);
        return Diagnostics.ErrorCount == errors ? script : null;
    }
}
