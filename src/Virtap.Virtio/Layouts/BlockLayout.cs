namespace Virtap.Virtio.Layouts;

/// <summary>How to get from a device's BlockBackend to the name of the node behind it; offsets in bytes.</summary>
/// <param name="Root">From a BlockBackend: pointer to its BdrvChild.</param>
/// <param name="Node">From that: pointer to the BlockDriverState.</param>
/// <param name="NodeName">From that: the name, up to 32 bytes in place.</param>
public sealed record BlockLayout(int Root, int Node, int NodeName);
