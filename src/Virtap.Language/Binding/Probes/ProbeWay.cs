using System.Collections.Immutable;
using Virtap.Language.Binding.Declarations;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Binding.Probes;

/// <summary>What gathers on the way from a probe through aliases to a probe point that is not one.</summary>
internal sealed record ProbeWay
{
    /// <summary>The aliases on the way.</summary>
    public required ImmutableArray<AliasSyntax> Aliases { get; init; }

    /// <summary>What those stand for: none of it is met again.</summary>
    public ImmutableArray<ProbePointSyntax> Points { get; init; } = [];

    /// <inheritdoc cref="ProbeInstance.AliasName"/>
    public required string? AliasName { get; init; }

    /// <inheritdoc cref="ProbeInstance.Derivation"/>
    public required string Derivation { get; init; }

    /// <inheritdoc cref="ProbeInstance.Parts"/>
    public required ImmutableArray<BodyPart> Parts { get; init; }

    /// <inheritdoc cref="ProbeInstance.Conditions"/>
    public required ImmutableArray<ConditionPart> Conditions { get; init; }

    /// <summary>The way goes on through an alias.</summary>
    public ProbeWay Through(AliasDeclaration alias, string name)
    {
        AliasSyntax syntax = alias.Syntax;
        ImmutableArray<BodyPart> parts = Parts;
        if (syntax.Prologue is { } prologue)
            parts = parts.Insert(0, new BodyPart(prologue, alias.File));
        if (syntax.Epilogue is { } epilogue)
            parts = parts.Add(new BodyPart(epilogue, alias.File));
        string names = string.Join(" = ", syntax.Names.Select(static each => ProbePointText.Of(each.Components)));
        string sign = syntax.Prologue is null ? "+=" : "=";
        return this with
        {
            Aliases = Aliases.Add(syntax),
            AliasName = AliasName ?? name,
            Derivation = $"{names} {sign} {ProbePointText.Of(syntax.Points, ", ")} <- {Derivation}",
            Parts = parts,
        };
    }

    /// <summary>The way has a condition.</summary>
    public ProbeWay If(ExpressionSyntax? condition, ScriptFile file) =>
        condition is null ? this : this with { Conditions = Conditions.Add(new ConditionPart(condition, file)) };
}
