using Virtap.Binaries.Elf;
using Virtap.Processes;
using Virtap.Virtio.Layouts;
using Virtap.Virtio.Objects;

namespace Virtap.Virtio.Devices;

/// <summary>A QEMU that runs, or one as a core holds it, with what is known of the layout of its memory.</summary>
public sealed class QemuProcess
{
    private QemuProcess(TargetProcess process, VirtioLayouts layouts, ulong bias)
    {
        Process = process;
        Layouts = layouts;
        LoadBias = bias;
    }

    /// <summary>The process.</summary>
    public TargetProcess Process { get; }

    /// <summary>Where things lie in its memory.</summary>
    public VirtioLayouts Layouts { get; }

    /// <summary>Run-time minus link-time addresses of the QEMU binary.</summary>
    public ulong LoadBias { get; }

    /// <summary>Opens a QEMU: reads the layouts from its binary (some milliseconds), and nothing of its memory yet.</summary>
    /// <exception cref="VirtioException">It is no QEMU system emulator, or one whose layouts cannot be recovered.</exception>
    /// <exception cref="ProcessException">It has ended, or may not be looked into.</exception>
    public static QemuProcess Open(TargetProcess process)
    {
        try
        {
            using ElfFile file = ElfFile.Open(process.ExecutablePath);
            return process.LoadBias(file) is { } bias ? new QemuProcess(process, RecoveredLayouts.Read(file), bias)
                : throw new VirtioException($"{process.Label}: its program is not mapped as its file says");
        }
        catch (Exception e) when (e is ElfFormatException or IOException or UnauthorizedAccessException)
        {
            throw new VirtioException($"{process.Label} ({process.ExecutableName}): {e.Message}", e);
        }
    }

    /// <summary>
    /// The virtio devices it has now, in the order of QEMU's object tree. Each is checked: a device's queues name the device, and their number.
    /// </summary>
    /// <exception cref="VirtioException">The layouts do not fit the live data.</exception>
    public IReadOnlyList<VirtioDevice> FindDevices() => DeviceFinder.Find(this, ReadObjects());

    /// <summary>The objects of its object tree, without memory regions and interrupt lines; empty where the tree cannot be found.</summary>
    internal IReadOnlyList<QomObject> ReadObjects() =>
        Layouts.RootObject is { } address && Process.Memory.TryRead(LoadBias + address, out ulong root) ? QomTree.Walk(Process.Memory, root) : [];
}
