using Virtap.Binaries.Dwarf;
using Virtap.Debugging.Targets;

namespace Virtap.Debugging.Locations;

/// <summary>A place in the code of a target.</summary>
/// <param name="Address">Run-time address.</param>
/// <param name="Image">The file that has the code; null where none has.</param>
/// <param name="Function">The function, the innermost where some are inlined; null where nobody says.</param>
/// <param name="Line">The line; null where nobody says.</param>
public sealed record CodeLocation(ulong Address, LoadedImage? Image, DebugFunction? Function, LineSpan? Line);

/// <summary>There is no such place. The message is gdb's.</summary>
public sealed class LocationException(string message, string? hint = null) : Exception(message)
{
    /// <summary>What to write instead; null where nobody knows.</summary>
    public string? Hint { get; } = hint;
}
