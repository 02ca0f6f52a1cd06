namespace Virtap.Virtio.Layouts;

/// <summary>The layouts of one QEMU binary, whatever they were read from. They are believed only after they fit the live data.</summary>
/// <param name="Device">struct VirtIODevice.</param>
/// <param name="Queue">struct VirtQueue.</param>
/// <param name="RootObject">Link-time address of the pointer to the root of QEMU's object tree; null where it was not found.</param>
/// <param name="Block">QEMU's block layer; null where it was not found.</param>
/// <param name="RunState">Whether the guest runs; null where it was not found.</param>
/// <param name="Start">How far QEMU has come with its start; null where it was not found.</param>
public sealed record VirtioLayouts(
    VirtioDeviceLayout Device, VirtQueueLayout Queue, ulong? RootObject, BlockLayout? Block, RunStateLayout? RunState,
    StartLayout? Start = null);

/// <summary>How to get from a device's BlockBackend to the name of the node behind it; offsets in bytes.</summary>
/// <param name="Root">From a BlockBackend: pointer to its BdrvChild.</param>
/// <param name="Node">From that: pointer to the BlockDriverState.</param>
/// <param name="NodeName">From that: the name, up to 32 bytes in place.</param>
public sealed record BlockLayout(int Root, int Node, int NodeName);

/// <summary>Where a QEMU keeps whether its guest runs; link-time addresses.</summary>
/// <param name="Current"><c>current_run_state</c>: an index into the names, 32 bits.</param>
/// <param name="Names"><c>RunState_lookup</c>, which begins with a pointer to an array of pointers to them.</param>
public sealed record RunStateLayout(ulong Current, ulong Names);

/// <summary>Where a QEMU keeps how far it has come with its start.</summary>
/// <param name="Reached">Link-time address of <c>machine_phase</c>, before 6.0 of <c>machine_init_done</c>.</param>
/// <param name="Size">Its bytes: 4 or 1.</param>
/// <param name="Ready">Its value when all devices are there that the command line asks for (PHASE_MACHINE_READY).</param>
public sealed record StartLayout(ulong Reached, int Size, int Ready);
