using Virtap.Language.Binding.Bodies;
using Virtap.Language.Binding.Declarations;
using Virtap.Language.Binding.Elision;
using Virtap.Language.Binding.Probes;
using Virtap.Language.Binding.Targets;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Diagnostics;
using Virtap.Language.Library;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Binding;

/// <summary>
/// Binds a program. The bodies that probes reach are bound, and again when something is learned about a type that they did not know: a
/// type is only ever learned, never taken back, so this ends.
/// </summary>
internal sealed partial class ProgramBinder
{
    /// <summary>What the clock of most distributions' kernels does in a second: for who binds without saying.</summary>
    private const long UsualTicks = 250;

    private readonly ProbeExpander _expander;
    private readonly List<BodyUnit> _units = [];
    private readonly List<ProbeGroup> _groups = [];

    private readonly BindOptions _options;
    private readonly DiagnosticBag _diagnostics;
    private readonly DeclarationTable _declarations;
    private readonly ProgramScope _scope;
    private readonly UnusedCode _unused;

    public ProgramBinder(ScriptLibrary library, IProbeResolver resolver, BindOptions options, DiagnosticBag diagnostics)
    {
        _options = options;
        _diagnostics = diagnostics;
        var deferred = new DiagnosticBag();
        _declarations = new DeclarationTable(library, diagnostics, deferred);
        _unused = new UnusedCode(_declarations, options.KeepsUnused, diagnostics);
        var constants = new SessionConstants(options.TimeZone, options.TicksPerSecond ?? (static () => UsualTicks));
        _scope = new ProgramScope(
            _declarations, _unused, constants, options.IsGuru, options.SkipsBadVariables, diagnostics, deferred);
        _expander = new ProbeExpander(_declarations, resolver, diagnostics);
    }

    public BoundProgram Bind(IReadOnlyList<ScriptSyntax> scripts)
    {
        List<ScriptFile> files = [.. scripts.Select(script => _declarations.Add(script, ScriptOrigin.User))];
        ApplyGlobalValues();
        foreach (ScriptFile file in files)
            BindProbes(file);
        BindUntilAllIsLearned();
        if (!_diagnostics.HasErrors)
            CheckProgram();
        return MakeProgram();
    }

    private void BindProbes(ScriptFile file)
    {
        IEnumerable<ProbeSyntax> probes = file.Syntax.Declarations.OfType<ProbeSyntax>();
        // Whoever reads a counter may stand before it.
        foreach (ProbeSyntax probe in probes.OrderBy(static probe => DeclaresCounter(probe) ? 0 : 1))
            BindProbe(probe, file);
        // A library file that is used runs as a whole.
        while (_declarations.NewLibraryFiles.TryDequeue(out ScriptFile? library))
            BindProbes(library);
    }

    private static bool DeclaresCounter(ProbeSyntax probe) =>
        probe.Points.Any(static point => point.Components is [.., { Name: "counter" }]);

    private void BindProbe(ProbeSyntax probe, ScriptFile file)
    {
        IEnumerable<ProbeInstance> instances = _expander.Expand(probe, file)
            .Where(each => !IsCounter(each)).Select(expanded => Strip(expanded, probe, file)).OfType<ProbeInstance>();
        foreach (ProbeInstance instance in _options.KeepsUnused ? instances : SharedHandlers.Join([.. instances]))
        {
            if (SavedEntries.Of(instance, _declarations.AddKept, _diagnostics) is not (var atEnd, var atEntry))
            {
                BindInstance(instance);
                continue;
            }

            BindInstance(atEnd);
            // Probes are put in place from the last one on: what the end looks for has then been kept.
            BindInstance(atEntry);
        }
    }

    /// <summary>Whether a probe is of a counter, which is read and never fires: its body says nothing.</summary>
    private bool IsCounter(ProbeInstance instance)
    {
        if (instance.Targets is not [{ CounterName: { } name } counter, ..])
            return false;
        if (!_scope.Counters.TryAdd(name, counter))
            _diagnostics.Semantic($"duplicate counter name '{name}'", instance.Span);
        return true;
    }

    private void BindInstance(ProbeInstance instance)
    {
        var grouping = new TargetGrouping(instance);
        foreach (ProbeTarget target in instance.Targets)
        {
            if (grouping.Find(target) is { } known)
            {
                known.Targets.Add(target);
                continue;
            }

            var group = new ProbeGroup(instance, target);
            _groups.Add(group);
            _scope.MeetFunctions(instance.Parts);
            _scope.Reached.Enqueue(group.Unit);
            // The functions that the body calls may have questions as well.
            BindPending();
            grouping.Add(group);
        }
    }

    /// <summary>A probe without what it does not use; null where nothing remains to be done.</summary>
    private ProbeInstance? Strip(ProbeInstance instance, ProbeSyntax probe, ScriptFile file)
    {
        if (_options.KeepsUnused)
            return instance;
        IReadOnlyList<BodyPart> parts = _unused.Strip(instance.Parts);
        if (!parts.All(UnusedCode.IsEmpty))
            return instance with { Parts = parts };
        if (!file.IsLibrary)
            _diagnostics.Warning($"Probe '{instance.Targets[0].Point}' has been elided", probe.Span);
        return null;
    }

    private void BindPending()
    {
        while (_scope.Reached.TryDequeue(out BodyUnit? unit))
        {
            _units.Add(unit);
            new BodyBinder(_scope, unit).Bind();
        }
    }

    private void BindUntilAllIsLearned()
    {
        do
        {
            while (_scope.Types.Woken.TryDequeue(out BodyUnit? unit))
            {
                if (unit.IsComplete)
                    continue;
                new BodyBinder(_scope, unit).Bind();
                BindPending();
            }

            _scope.Types.HasLearned = false;
            BindIncomplete();
        }
        while (_scope.Types.HasLearned);
        _scope.IsLastRound = true;
        _scope.HadErrorsBeforeLastRound = _diagnostics.HasErrors;
        BindIncomplete();
    }

    private void BindIncomplete()
    {
        // Binding may add units for functions not met before.
        for (int i = 0; i < _units.Count; i++)
        {
            if (_units[i].IsComplete)
                continue;
            new BodyBinder(_scope, _units[i]).Bind();
            BindPending();
        }
    }
}
