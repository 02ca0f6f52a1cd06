using Virtap.Language.Binding.Declarations;
using Virtap.Language.Binding.Targets;
using Virtap.Language.Diagnostics;
using Virtap.Language.Syntax.Preprocessing;
using Virtap.Language.Syntax.Tree;
using Virtap.Names;

namespace Virtap.Language.Binding.Probes;

/// <summary>Follows the probe points of a probe through aliases to those that the resolver knows.</summary>
internal sealed class ProbeExpander(DeclarationTable declarations, IProbeResolver resolver, DiagnosticBag diagnostics)
{
    /// <summary>Aliases of aliases multiply and nest; beyond this they are a mistake.</summary>
    private const int MaxSteps = 20_000;

    private const int DeepestNesting = 100;

    private int _steps;

    /// <summary>All that a probe stands for, in order. What it names and is not there is reported.</summary>
    public IReadOnlyList<ProbeInstance> Expand(ProbeSyntax probe, ScriptFile file)
    {
        var way = new ProbeWay
        {
            Aliases = [],
            AliasName = null,
            Derivation = ProbePointText.Of(probe.Points),
            Parts = [new BodyPart(probe.Body, file)],
            Conditions = [],
        };
        List<ProbeInstance> instances = [];
        _steps = 0;
        foreach (ProbePointSyntax point in probe.Points)
        {
            int before = instances.Count;
            if (ExpandOrSkip(point, point.Components, way, file, new Destination(point.Span, probe.Body, instances)) is { } failure)
                Report(failure, file);
            if (point.IsSufficient && instances.Count > before)
                break;
        }

        return instances;
    }

    /// <summary>Where probes are put, and what they have in common.</summary>
    private readonly record struct Destination(SourceSpan Span, BlockSyntax OwnBody, List<ProbeInstance> Instances);

    /// <summary>A probe point that is not there and optional is as if it were not written.</summary>
    private ProbeFailure? ExpandOrSkip(
        ProbePointSyntax point, IReadOnlyList<ProbeComponentSyntax> components, ProbeWay way, ScriptFile file, Destination destination)
    {
        int before = destination.Instances.Count;
        ProbeFailure? failure = ExpandPoint(components, way.If(point.Condition, file), file, destination);
        bool isEmpty = destination.Instances.Count == before;
        if (failure is null && isEmpty)
            failure = new ProbeFailure("no match", null);
        if (failure is null)
            return null;
        SourceSpan place = components[0].Span;
        // What an alias stands for has failed: so has the alias.
        if (failure.Point == default)
            failure = failure with { Point = place };
        else if (isEmpty && !failure.IsRefusal)
            failure = new ProbeFailure("no match", null) { Point = place, Cause = failure };
        destination.Instances.RemoveRange(before, destination.Instances.Count - before);
        return failure.IsRefusal || !(point.IsOptional || point.IsSufficient) ? failure : null;
    }

    private ProbeFailure? ExpandPoint(
        IReadOnlyList<ProbeComponentSyntax> components, ProbeWay way, ScriptFile file, Destination destination)
    {
        bool hasWildcards = components.Any(static component => Glob.HasWildcards(component.Name));
        MakeAliases(components);
        List<(AliasDeclaration Alias, int Length)> aliases = FindAliases(components, file);
        int before = destination.Instances.Count;
        ProbeFailure? failure = null;
        foreach ((AliasDeclaration alias, int length) in aliases)
        {
            ProbeFailure? ofAlias = ExpandAlias(alias, components, length, way, destination);
            // Of those that a pattern finds, some may fail.
            if (ofAlias is not null && (!hasWildcards || ofAlias.IsRefusal))
                return ofAlias;
            failure ??= ofAlias;
        }

        if (aliases.Count == 0 || hasWildcards)
        {
            ProbeFailure? ofPoint = Resolve(components, way, file, destination);
            if (ofPoint is { IsRefusal: true })
                return ofPoint;
            failure ??= ofPoint;
        }

        if (destination.Instances.Count > before)
            return null;
        // Names that nobody else knows may be those of a tapset that somebody has installed.
        return aliases.Count == 0 && failure is { IsRefusal: false } && declarations.LoadInstalledAliases(components[0].Name)
            ? ExpandPoint(components, way, file, destination) : failure;
    }

    /// <summary>What is made of what is at hand yields to a tapset that somebody has installed for it.</summary>
    private void MakeAliases(IReadOnlyList<ProbeComponentSyntax> components)
    {
        List<SourceText> made = [.. resolver.MakeAliases([.. components.Select(static component => component.Name)])];
        if (made.Count == 0)
            return;
        declarations.LoadInstalledAliases(components[0].Name);
        declarations.LoadMadeAliases(made);
    }

    private ProbeFailure? ExpandAlias(
        AliasDeclaration alias, IReadOnlyList<ProbeComponentSyntax> components, int length, ProbeWay way, Destination destination)
    {
        if (++_steps > MaxSteps || way.Aliases.Length >= DeepestNesting)
            return new ProbeFailure("aliases stand for too many probe points", null, IsRefusal: true);

        ProbeComponentSyntax[] suffix = [.. components.Skip(length)];
        string name = suffix.Length == 0 ? alias.Text : $"{alias.Text}.{ProbePointText.Of(suffix)}";
        ProbeWay through = way.Through(alias, name);
        foreach (ProbePointSyntax point in alias.Syntax.Points)
        {
            int before = destination.Instances.Count;
            if (way.Points.Contains(point))
                return Recursion(point);
            ProbeFailure? failure = ExpandOrSkip(
                point, suffix.Length == 0 ? point.Components : [.. point.Components, .. suffix],
                through with { Points = way.Points.Add(point) }, alias.File, destination);
            // What follows an alias is the concern of whoever wrote it there.
            if (failure is not null)
                return suffix.Length == 0 || failure.IsRefusal ? failure : failure with { Point = default, Cause = null };
            if (point.IsSufficient && destination.Instances.Count > before)
                break;
        }

        return null;
    }

    private static ProbeFailure Recursion(ProbePointSyntax point)
    {
        SourceSpan span = point.Components[0].Span;
        return new ProbeFailure($"recursive loop in alias expansion of {ProbePointText.Of(point.Components)} at {span}", null)
        {
            Point = span,
        };
    }

    /// <summary>
    /// The aliases that components name, each with how many of them are its name; the rest is a suffix for what it stands for.
    /// </summary>
    private List<(AliasDeclaration Alias, int Length)> FindAliases(IReadOnlyList<ProbeComponentSyntax> components, ScriptFile file)
    {
        List<(AliasDeclaration Alias, int Length)> found = [];
        int longest = 0;
        string? across = components.Any(static component => component.Name.Contains("**", StringComparison.Ordinal))
            ? ProbePointText.Of(components) : null;
        foreach (AliasDeclaration alias in declarations.FindAliases(components[0].Name, file))
        {
            int length = across is null
                ? MatchLength(alias, components) : Glob.IsMatchWithEscapes(across, alias.Text) ? components.Count : 0;
            if (length == 0 || length < longest)
                continue;
            // An alias whose whole name is there goes before one that needs a suffix.
            if (length > longest)
                found.Clear();
            longest = length;
            found.Add((alias, length));
        }

        return found;
    }

    private static int MatchLength(AliasDeclaration alias, IReadOnlyList<ProbeComponentSyntax> components)
    {
        if (alias.Name.Count > components.Count)
            return 0;
        for (int i = 0; i < alias.Name.Count; i++)
        {
            if (components[i].Argument is not null || !Glob.IsMatchWithEscapes(components[i].Name, alias.Name[i]))
                return 0;
        }

        return alias.Name.Count;
    }

    private ProbeFailure? Resolve(IReadOnlyList<ProbeComponentSyntax> components, ProbeWay way, ScriptFile file, Destination destination)
    {
        SourceSpan span = components[0].Span.To(components[^1].Span);
        ProbePointComponent[] parts = [.. components.Select(static component => new ProbePointComponent(
            component.Span,
            component.Name,
            (component.Argument as StringSyntax)?.Value,
            (component.Argument as NumberSyntax)?.Value))];
        var point = new ProbePoint(span, parts);
        ProbeResolution resolution = resolver.Resolve(point);
        if (resolution.Targets.Count == 0)
        {
            (SourceSpan? place, string problem) = (resolution.Span, resolution.Problem ?? "no match");
            if (resolution.Mismatch is { } mismatch)
            {
                (ProbePointComponent wrong, problem) = mismatch.With(MismatchOfAliases(components, file)).In(point);
                place = wrong.Span;
            }

            return new ProbeFailure(problem, place, resolution.Hint, resolution.IsRefusal)
            {
                Unresolved = (ProbePointText.Of(components), file),
            };
        }

        foreach (string warning in resolution.Warnings)
            diagnostics.Warning(warning, span);
        destination.Instances.Add(new ProbeInstance
        {
            Span = destination.Span,
            Derivation = way.Derivation,
            AliasName = way.AliasName,
            OwnBody = destination.OwnBody,
            Parts = way.Parts,
            Conditions = way.Conditions,
            Targets = resolution.Targets,
        });
        return null;
    }

    /// <summary>How far components name an alias, and how its name would go on.</summary>
    private ProbeMismatch MismatchOfAliases(IReadOnlyList<ProbeComponentSyntax> components, ScriptFile file)
    {
        int reached = 0;
        bool canEnd = false;
        List<string> follow = [];
        foreach (AliasDeclaration alias in declarations.AllAliases(file))
        {
            int length = 0;
            while (length < alias.Name.Count && length < components.Count && components[length].Argument is null
                && Glob.IsMatchWithEscapes(components[length].Name, alias.Name[length]))
                length++;
            if (length < reached)
                continue;
            if (length > reached)
            {
                (reached, canEnd) = (length, false);
                follow.Clear();
            }

            canEnd |= length == alias.Name.Count;
            if (length < alias.Name.Count)
                follow.Add(alias.Name[length]);
        }

        return new ProbeMismatch(reached, canEnd, follow);
    }

    private void Report(ProbeFailure failure, ScriptFile probed)
    {
        if (failure.Cause is { } cause)
            Report(cause, probed);
        string? hint = failure.Hint;
        if (hint is null && failure.Unresolved is (var name, var file))
            hint = Hints.Nearest(name, declarations.AllAliases(file).Select(static alias => alias.Text));
        // A probe that a library brings along is not what the user has asked for: what it lacks is no reason to run nothing.
        if (probed.Origin == ScriptOrigin.Library)
        {
            diagnostics.Warning(
                $"a probe of tapset \"{probed.Syntax.Source.Name}\" is skipped: {failure.Message}", failure.Span ?? failure.Point, hint);
            return;
        }

        diagnostics.Add(new Diagnostic(
            DiagnosticKind.Semantic, "while resolving probe point", failure.Point, hint, [(failure.Message, failure.Span)]));
    }
}
