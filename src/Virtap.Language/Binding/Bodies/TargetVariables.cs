using Virtap.Language.Binding.Targets;

namespace Virtap.Language.Binding.Bodies;

/// <summary>A target's variables, compared by value.</summary>
internal sealed class TargetVariables(IReadOnlyList<TargetVariable> variables) : IEquatable<TargetVariables>
{
    public IReadOnlyList<TargetVariable> List { get; } = variables;

    public bool Equals(TargetVariables? other) => other is not null && List.SequenceEqual(other.List);

    public override bool Equals(object? obj) => Equals(obj as TargetVariables);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (TargetVariable variable in List)
            hash.Add(variable);
        return hash.ToHashCode();
    }
}
