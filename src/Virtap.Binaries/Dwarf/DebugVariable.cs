using Virtap.Binaries.Dwarf.Locations;
using Virtap.Binaries.Types;

namespace Virtap.Binaries.Dwarf;

/// <summary>A variable of a program, for a thread that has arrived at an address.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type.</param>
/// <param name="IsParameter">Whether it is a parameter of its function.</param>
/// <param name="Location">Where it is.</param>
public sealed record DebugVariable(string Name, CType Type, bool IsParameter, DebugLocation Location);

/// <summary>A line of a source file.</summary>
/// <param name="File">The file's path as the compiler knew it.</param>
/// <param name="Line">From 1.</param>
public sealed record SourceLine(string File, int Line)
{
    /// <inheritdoc/>
    public override string ToString() => $"{File}:{Line}";
}
