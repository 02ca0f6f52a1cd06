namespace Virtap.Binaries.Functions;

/// <summary>A function of a file, and where to put a probe on its entry.</summary>
/// <param name="Name">Its name; of several for one address, the one that was asked for.</param>
/// <param name="Address">Link-time address of its first instruction.</param>
/// <param name="Size">Bytes of its code; 0 where nobody said.</param>
/// <param name="ProbeAddress">
/// Link-time address of the instruction to probe: the first, or the second where the first is <c>endbr64</c>, which uprobes would have to single-step at many
/// times the cost. Arguments and return address are in the same places there.
/// </param>
/// <param name="ProbeFileOffset">The same place as an offset into the file: what uprobes take.</param>
public sealed record Function(string Name, ulong Address, ulong Size, ulong ProbeAddress, ulong ProbeFileOffset);
