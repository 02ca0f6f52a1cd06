using Virtap.Language.Binding.Bodies;
using Virtap.Language.Binding.Declarations;
using Virtap.Language.Binding.Probes;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Diagnostics;
using Virtap.Language.Library;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Binding;

/// <summary>
/// Binds a program. The bodies that probes reach are bound, and again when something is learned about a type that they did not know: a type is only ever learned, never
/// taken back, so this ends.
/// </summary>
internal sealed partial class ProgramBinder
{
    private readonly ProbeExpander _expander;
    private readonly List<BodyUnit> _units = [];
    private readonly Queue<BodyUnit> _pending = [];
    private readonly List<ProbeGroup> _groups = [];

    public ProgramBinder(ScriptLibrary library, IProbeResolver resolver, BindOptions options, DiagnosticBag diagnostics)
    {
        Options = options;
        Diagnostics = diagnostics;
        Declarations = new DeclarationTable(library, diagnostics);
        Types = new TypeTable(diagnostics);
        _expander = new ProbeExpander(Declarations, resolver, diagnostics);
    }

    public BindOptions Options { get; }

    public DiagnosticBag Diagnostics { get; }

    public DeclarationTable Declarations { get; }

    /// <summary>What is known about types.</summary>
    public TypeTable Types { get; }

    /// <summary>Whether nothing more will be learned: what has no type by now never gets one.</summary>
    public bool IsLastRound { get; private set; }

    /// <summary>Whether there are mistakes that may be why something has no type.</summary>
    public bool HadErrorsBeforeLastRound { get; private set; }

    /// <summary>The user's time zone as date(1) abbreviates it, where it has an abbreviation.</summary>
    public string TimeZoneName()
    {
        TimeZoneInfo zone = Options.TimeZone();
        return zone.IsDaylightSavingTime(DateTime.UtcNow) ? zone.DaylightName : zone.StandardName;
    }

    public BoundProgram Bind(IReadOnlyList<ScriptSyntax> scripts)
    {
        List<ScriptFile> files = [.. scripts.Select(script => Declarations.Add(script, ScriptOrigin.User))];
        ApplyGlobalValues();
        foreach (ScriptFile file in files)
            BindProbes(file);
        BindUntilAllIsLearned();
        if (!Diagnostics.HasErrors)
            CheckProgram();
        return MakeProgram();
    }

    private void BindProbes(ScriptFile file)
    {
        foreach (ProbeSyntax probe in file.Syntax.Declarations.OfType<ProbeSyntax>())
            BindProbe(probe, file);
        // A library file that is used runs as a whole.
        while (Declarations.NewLibraryFiles.TryDequeue(out ScriptFile? library))
            BindProbes(library);
    }

    private void BindProbe(ProbeSyntax probe, ScriptFile file)
    {
        foreach (ProbeInstance instance in _expander.Expand(probe, file))
        {
            var grouping = new TargetGrouping();
            foreach (ProbeTarget target in instance.Targets)
            {
                if (grouping.Find(target) is { } known)
                {
                    known.Targets.Add(target);
                    continue;
                }

                var group = new ProbeGroup(instance, target);
                _groups.Add(group);
                _pending.Enqueue(group.Unit);
                // The functions that the body calls may have questions as well.
                BindPending();
                grouping.Add(group);
            }
        }
    }

    private void BindPending()
    {
        while (_pending.TryDequeue(out BodyUnit? unit))
        {
            _units.Add(unit);
            new BodyBinder(this, unit).Bind();
        }
    }

    private void BindUntilAllIsLearned()
    {
        do
        {
            while (Types.Woken.TryDequeue(out BodyUnit? unit))
            {
                if (unit.IsComplete)
                    continue;
                new BodyBinder(this, unit).Bind();
                BindPending();
            }

            Types.HasLearned = false;
            BindIncomplete();
        }
        while (Types.HasLearned);
        IsLastRound = true;
        HadErrorsBeforeLastRound = Diagnostics.HasErrors;
        BindIncomplete();
    }

    private void BindIncomplete()
    {
        // Binding may add units for functions not met before.
        for (int i = 0; i < _units.Count; i++)
        {
            if (_units[i].IsComplete)
                continue;
            new BodyBinder(this, _units[i]).Bind();
            BindPending();
        }
    }
}
