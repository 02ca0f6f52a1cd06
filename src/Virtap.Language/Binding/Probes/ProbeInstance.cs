using System.Collections.Immutable;
using Virtap.Language.Binding.Declarations;
using Virtap.Language.Binding.Targets;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Binding.Probes;

/// <summary>A probe at one probe point that is not an alias, with all that aliases on the way to it add.</summary>
internal sealed record ProbeInstance
{
    /// <summary>The place of the probe point that the probe itself names.</summary>
    public required SourceSpan Span { get; init; }

    /// <summary>How this probe point was come to, for listings.</summary>
    public required string Derivation { get; init; }

    /// <summary>The alias that the probe names, its wildcards resolved: what pn() says; null where it names none.</summary>
    public required string? AliasName { get; init; }

    /// <summary>The probe's own body.</summary>
    public required BlockSyntax OwnBody { get; init; }

    /// <summary>Prologues, the probe's own body, epilogues: in the order in which they run.</summary>
    public required IReadOnlyList<BodyPart> Parts { get; init; }

    /// <summary>What must hold for the handler to run: the probe point's condition, and those of its aliases.</summary>
    public required IReadOnlyList<ConditionPart> Conditions { get; init; }

    /// <summary>What stands for each <c>@entry</c> of the parts, by identity: what has been kept.</summary>
    public IReadOnlyDictionary<ExpressionSyntax, ExpressionSyntax> Entries { get; init; } =
        ImmutableDictionary<ExpressionSyntax, ExpressionSyntax>.Empty;

    /// <summary>What the probe point stands for.</summary>
    public required IReadOnlyList<ProbeTarget> Targets { get; init; }

    /// <summary>Where several of the probe's points do the same and were made one: the point that stands for each target.</summary>
    public IReadOnlyDictionary<ProbeTarget, ProbeInstance> Joined { get; init; } = ImmutableDictionary<ProbeTarget, ProbeInstance>.Empty;

    /// <summary>The probe at the point that stands for a target.</summary>
    public ProbeInstance Of(ProbeTarget target) => Joined.GetValueOrDefault(target, this);
}

/// <summary>Why a probe point stands for nothing. It becomes a message only if the probe point was not optional.</summary>
/// <param name="Message">What is wrong.</param>
/// <param name="Span">The component that it is about; null for the whole point.</param>
/// <param name="Hint">What may help.</param>
/// <param name="IsRefusal">Whether it is there, and Virtap cannot do it.</param>
internal sealed record ProbeFailure(string Message, SourceSpan? Span, string? Hint = null, bool IsRefusal = false)
{
    /// <summary>The first component of the probe point that was being resolved.</summary>
    public SourceSpan Point { get; init; }

    /// <summary>What failed before it, and is why: what an alias stands for.</summary>
    public ProbeFailure? Cause { get; init; }

    /// <summary>A probe point that may be a mistyped alias, and the file whose aliases were meant.</summary>
    public (string Text, ScriptFile File)? Unresolved { get; init; }
}
