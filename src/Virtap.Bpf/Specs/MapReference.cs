namespace Virtap.Bpf.Specs;

/// <summary>A constant load whose value is a map, or an address in a map's only value; filled in at load time.</summary>
/// <param name="Index">The first slot of the load.</param>
/// <param name="Map">The map's name in its <see cref="MapSpec"/>.</param>
public readonly record struct MapReference(int Index, string Map);
