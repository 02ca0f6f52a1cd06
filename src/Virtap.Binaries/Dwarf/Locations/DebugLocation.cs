using Virtap.Binaries.Code;

namespace Virtap.Binaries.Dwarf.Locations;

/// <summary>Where a variable is, for a thread that has arrived at an address. Compared by value.</summary>
public abstract record DebugLocation;

/// <summary>In memory.</summary>
/// <param name="Address">Where its first byte is.</param>
public sealed record MemoryLocation(MachineExpression Address) : DebugLocation;

/// <summary>In a register, or nowhere but known: only its value can be said. What is above its size is anything.</summary>
/// <param name="Value">The value.</param>
public sealed record ValueLocation(MachineExpression Value) : DebugLocation;

/// <summary>In several places, one after the other: a structure whose members the compiler keeps apart.</summary>
/// <param name="Pieces">The pieces from the first byte on.</param>
public sealed record CompositeLocation(IReadOnlyList<DebugPiece> Pieces) : DebugLocation
{
    /// <inheritdoc/>
    public bool Equals(CompositeLocation? other) => other is not null && Pieces.SequenceEqual(other.Pieces);

    /// <inheritdoc/>
    public override int GetHashCode() => Pieces.Aggregate(0, HashCode.Combine);
}

/// <summary>A piece of a variable.</summary>
/// <param name="Location">Where it is.</param>
/// <param name="Bytes">How many bytes of the variable.</param>
public sealed record DebugPiece(DebugLocation Location, long Bytes);

/// <summary>Nowhere that a probe can look.</summary>
/// <param name="Reason">Why, as the end of a sentence.</param>
public sealed record NoLocation(string Reason) : DebugLocation;
