namespace Virtap.Virtio.Layouts;

/// <summary>The layouts of one QEMU binary, whatever they were read from. They are believed only after they fit the live data.</summary>
/// <param name="Device">struct VirtIODevice.</param>
/// <param name="Queue">struct VirtQueue.</param>
/// <param name="RootObject">Link-time address of the pointer to the root of QEMU's object tree; null where it was not found.</param>
/// <param name="Block">QEMU's block layer; null where it was not found.</param>
public sealed record VirtioLayouts(VirtioDeviceLayout Device, VirtQueueLayout Queue, ulong? RootObject, BlockLayout? Block);
