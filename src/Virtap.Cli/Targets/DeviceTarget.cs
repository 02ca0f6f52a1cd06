using Virtap.Virtio.Devices;

namespace Virtap.Cli.Targets;

/// <summary>A device that a command is to look at.</summary>
/// <param name="Qemu">Its QEMU.</param>
/// <param name="Device">The device.</param>
internal sealed record DeviceTarget(QemuProcess Qemu, VirtioDevice Device);
