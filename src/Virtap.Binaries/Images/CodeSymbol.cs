using Virtap.Binaries.Dwarf;

namespace Virtap.Binaries.Images;

/// <summary>What a symbol table says of an address.</summary>
/// <param name="Name">The name, without a version.</param>
/// <param name="Address">Link-time address of its first byte.</param>
/// <param name="Size">How many bytes; 0 where nobody says.</param>
public readonly record struct CodeSymbol(string Name, ulong Address, ulong Size);

/// <summary>A function that runs at an address: one that has the code, or one that is inlined there.</summary>
/// <param name="Function">What debug information says of it.</param>
/// <param name="Line">
/// The line that it is at: of the innermost that of the address, of the others that of the call; null where nobody says.
/// </param>
public sealed record CodeScope(DebugFunction Function, SourceLine? Line);
