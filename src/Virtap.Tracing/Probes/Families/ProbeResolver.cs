using Virtap.Language;
using Virtap.Language.Binding.Targets;
using Virtap.Tracing.Probes.Grammar;

namespace Virtap.Tracing.Probes.Families;

/// <summary>
/// Knows every probe point that Virtap can run: answers the binder, and lists for -l and -L. Keeps the files open that it has looked into
/// (targets name functions and read symbols lazily), until it is disposed of. Not for several threads at once.
/// </summary>
public sealed class ProbeResolver : IProbeResolver, IDisposable
{
    private readonly TargetPrograms _programs;
    private readonly ProbeGrammar _grammar = new();
    private readonly QemuAliases _aliases;

    /// <summary>Makes a resolver.</summary>
    public ProbeResolver(ProbeOptions options)
    {
        _programs = new TargetPrograms(options);
        _aliases = new QemuAliases(_programs);
        LifecycleProbes.AddTo(_grammar);
        TimerProbes.AddTo(_grammar, options);
        new MarkProbes(_programs).AddTo(_grammar);
        new FunctionProbes(_programs).AddTo(_grammar);
        new CalleeProbes(_programs).AddTo(_grammar);
        new LinkageProbes(_programs).AddTo(_grammar);
        new StatementProbes(_programs).AddTo(_grammar);
        new ProcessEventProbes(_programs, options).AddTo(_grammar);
        new SyscallProbes(_programs, options).AddTo(_grammar);
        FileProbes.AddTo(_grammar);
        new ProfileProbes(_programs, options).AddTo(_grammar);
        new WatchpointProbes(_programs).AddTo(_grammar);
        TracepointProbes.AddTo(_grammar);
        UnsupportedProbes.AddTo(_grammar);
    }

    /// <summary>The files that probe points were sought in so far.</summary>
    public IReadOnlyCollection<ProbedBinary> Binaries => _programs.Binaries;

    /// <summary>The forms of all probe points, <c>timer.ms(number)</c> and so on, in order: what --dump-probe-types prints.</summary>
    public IEnumerable<string> Forms => _grammar.Forms();

    /// <inheritdoc/>
    public ProbeResolution Resolve(ProbePoint point)
    {
        ProbeResolution resolution = UnsupportedProbes.Refuse(point) ?? _grammar.Resolve(point);
        if (resolution is { Targets: [], Hint: null } && _aliases.HintFor(point) is { } hint)
            resolution = resolution with { Hint = hint };
        foreach (HandledTarget target in resolution.Targets.OfType<HandledTarget>())
            target.OpenModule = name => _programs.OpenModule(name, target as CodeTarget);
        return resolution;
    }

    /// <inheritdoc/>
    public IEnumerable<SourceText> MakeAliases(IReadOnlyList<string> names) => _aliases.Make(names);

    /// <inheritdoc/>
    public void Dispose() => _programs.Dispose();
}
