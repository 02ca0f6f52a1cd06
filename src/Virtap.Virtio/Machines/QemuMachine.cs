using Virtap.Processes;
using Virtap.Processes.Programs;
using Virtap.Virtio.Devices;
using Virtap.Virtio.Monitors;

namespace Virtap.Virtio.Machines;

/// <summary>A virtual machine: a QEMU, running or as a core holds it, and its virtio devices.</summary>
public sealed record QemuMachine
{
    /// <summary>The process.</summary>
    public required TargetProcess Process { get; init; }

    /// <summary>The machine's name (<c>-name</c>, libvirt's <c>guest=</c>); null for none.</summary>
    public string? Name { get; init; }

    /// <summary>
    /// QEMU's version as it prints it itself: <c>7.2.22 (Debian 1:7.2+dfsg-7+deb12u18+b3)</c>; null where it was not found.
    /// </summary>
    public string? Version { get; init; }

    /// <summary>How many virtual CPUs it has; null where the object tree could not be walked.</summary>
    public int? CpuCount { get; init; }

    /// <summary>Its virtio devices, in the order of QEMU's object tree.</summary>
    public IReadOnlyList<MachineDevice> Devices { get; init; } = [];

    /// <summary>What its devices were found by, with those that could not be looked at; null where it cannot be looked into.</summary>
    public DeviceSurvey? Survey { get; init; }

    /// <summary>How far it has come where it is still starting; null where it has started, and where that cannot be told.</summary>
    public MachineStart? Start { get; init; }

    /// <summary>What the machine's own monitor says to the names; null where it was not asked.</summary>
    public MonitorCheck? Monitor { get; init; }

    /// <summary>Why the devices cannot be shown; null when they can.</summary>
    public string? Problem { get; init; }

    /// <summary>Every QEMU of this host, by ascending process id; one that cannot be looked into says why.</summary>
    public static IReadOnlyList<QemuMachine> All() => [.. QemuPrograms.Running().Select(Read)];

    /// <summary>The machine with what its monitor says to the names, where there is one to ask.</summary>
    public QemuMachine Checked() =>
        Process is LiveProcess live ? this with { Monitor = MonitorCheck.Of(live, Devices.Select(d => d.Device)) } : this;

    /// <summary>Reads one QEMU.</summary>
    public static QemuMachine Read(TargetProcess process) => MachineReader.Read(process);
}
