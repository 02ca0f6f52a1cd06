using Virtap.Language.Binding.Probes;
using Virtap.Language.Binding.Targets;

namespace Virtap.Language.Binding.Bodies;

/// <summary>
/// Something that a body asks of a target while it is bound. Targets that answer all of a body's questions alike share the bound body.
/// </summary>
internal readonly record struct TargetQuestion(TargetQuestionKind Kind, string Name = "", string? Module = null)
{
    /// <summary>The answer; equal answers are <see cref="object.Equals(object)"/>.</summary>
    /// <param name="target">Who is asked.</param>
    /// <param name="probe">The probe that it is a target of.</param>
    public object Ask(ProbeTarget target, ProbeInstance probe) => Kind switch
    {
        TargetQuestionKind.Variable => target.Find(Name),
        TargetQuestionKind.Global => target.FindGlobal(Name, Module),
        TargetQuestionKind.Type => target.FindType(Name, Module),
        TargetQuestionKind.Constant => (target.FindConstant(Name), 0),
        TargetQuestionKind.AllVariables => new TargetVariables(target),
        TargetQuestionKind.HasMarkName => target.MarkName is not null,
        TargetQuestionKind.HasProvider => target.Provider is not null,
        TargetQuestionKind.AliasName => (probe.Of(target).AliasName, 0),
        TargetQuestionKind.FiresOnlyIf => new TargetLookup(target.FiresOnlyIf, null),
        _ => throw new InvalidOperationException(),
    };
}

internal enum TargetQuestionKind
{
    /// <summary>What is <c>$name</c>? A <see cref="TargetLookup"/>.</summary>
    Variable,

    /// <summary>What is <c>@var("name", "module")</c>? A <see cref="TargetLookup"/>.</summary>
    Global,

    /// <summary>What is <c>@cast(…, "name", "module")</c>? A <see cref="TargetLookup"/>.</summary>
    Type,

    /// <summary>What is <c>@enum("name")</c>? A pair of the value, where there is one, and nothing.</summary>
    Constant,

    /// <summary>What variables are there? A <see cref="TargetVariables"/>.</summary>
    AllVariables,

    /// <summary>Is there a <c>$$name</c>?</summary>
    HasMarkName,

    /// <summary>Is there a <c>$$provider</c>?</summary>
    HasProvider,

    /// <summary>By which alias was it named? A pair of the name, where there is one, and nothing.</summary>
    AliasName,

    /// <summary>On what does it depend whether a hit counts? A <see cref="TargetLookup"/>.</summary>
    FiresOnlyIf,
}
