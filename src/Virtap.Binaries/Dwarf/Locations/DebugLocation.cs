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
public record NoLocation(string Reason) : DebugLocation;

/// <summary>In the thread-local storage of the variable's file: a debugger, which knows the thread, can look there.</summary>
/// <param name="Offset">From the beginning of what the file has there.</param>
public sealed record ThreadLocalLocation(MachineExpression Offset)
    : NoLocation("it lies in thread-local storage, which is not supported yet");

/// <summary>In a register for floating-point numbers or vectors, which a debugger can read.</summary>
/// <param name="Number">The register's number in DWARF.</param>
public sealed record VectorRegisterLocation(int Number)
    : NoLocation("it lies in a register for floating-point numbers or vectors, which a probe cannot read");

/// <summary>
/// What is known of a frame whose thread stands still, and of the calls that led to it. Without it, what depends on that is not known.
/// </summary>
public interface IFrameValues
{
    /// <summary>What a register held when the frame's function was called; null where its caller does not say.</summary>
    /// <param name="register">The register's number in DWARF.</param>
    ulong? AtEntry(int register);

    /// <summary>The number that lies at a place; null where it cannot be read.</summary>
    ulong? Read(DebugLocation location, int bytes);
}
