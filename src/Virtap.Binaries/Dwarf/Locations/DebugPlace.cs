using Virtap.Binaries.Code;

namespace Virtap.Binaries.Dwarf.Locations;

/// <summary>Where a variable is, for a thread that has arrived at an address. Compared by value.</summary>
public abstract record DebugPlace;

/// <summary>In memory.</summary>
/// <param name="Address">Where its first byte is.</param>
public sealed record MemoryPlace(MachineExpression Address) : DebugPlace;

/// <summary>In a register, or nowhere but known: only its value can be said. What is above its size is anything.</summary>
/// <param name="Value">The value.</param>
public sealed record ValuePlace(MachineExpression Value) : DebugPlace;

/// <summary>In several places, one after the other: a structure whose members the compiler keeps apart.</summary>
/// <param name="Pieces">The pieces from the first byte on.</param>
public sealed record PiecedPlace(IReadOnlyList<DebugPiece> Pieces) : DebugPlace
{
    /// <inheritdoc/>
    public bool Equals(PiecedPlace? other) => other is not null && Pieces.SequenceEqual(other.Pieces);

    /// <inheritdoc/>
    public override int GetHashCode() => Pieces.Aggregate(0, HashCode.Combine);
}

/// <summary>A piece of a variable.</summary>
/// <param name="Place">Where it is.</param>
/// <param name="Bytes">How many bytes of the variable.</param>
public sealed record DebugPiece(DebugPlace Place, long Bytes);

/// <summary>Nowhere that a probe can look.</summary>
/// <param name="Reason">Why, as the end of a sentence.</param>
public sealed record NoPlace(string Reason) : DebugPlace;
