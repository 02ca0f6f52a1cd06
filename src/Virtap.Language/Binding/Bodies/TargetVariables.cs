using Virtap.Language.Binding.Targets;

namespace Virtap.Language.Binding.Bodies;

/// <summary>A target's variables, compared by value.</summary>
internal sealed class TargetVariables(ProbeTarget target) : IEquatable<TargetVariables>
{
    public IReadOnlyList<TargetVariable> List { get; } = target.Variables;

    /// <inheritdoc cref="ProbeTarget.KnowsVariables"/>
    public bool AreKnown { get; } = target.KnowsVariables;

    public bool Equals(TargetVariables? other) => other is not null && AreKnown == other.AreKnown && List.SequenceEqual(other.List);

    public override bool Equals(object? obj) => Equals(obj as TargetVariables);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (TargetVariable variable in List)
            hash.Add(variable);
        return hash.ToHashCode();
    }
}
