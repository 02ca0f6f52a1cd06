using System.Buffers.Binary;
using System.Text;
using Virtap.Binaries.Elf;
using Virtap.Processes;
using Virtap.Processes.Access;
using Virtap.Processes.Memory;
using Virtap.Virtio.Devices;
using Virtap.Virtio.Layouts;
using Virtap.Virtio.Objects;
using Virtap.Virtio.Queues;

namespace Virtap.Virtio.Machines;

/// <summary>Gathers what there is to say of a running QEMU.</summary>
internal static class MachineReader
{
    // The transport's own structure; the pointer to its bus is in its first part (DeviceState).
    private const int DeviceStateBytes = 256;

    public static QemuMachine Read(TargetProcess process)
    {
        var machine = new QemuMachine { Process = process, Name = RunningQemus.NameOf(process) };
        try
        {
            machine = machine with { Version = VersionOf(process) };
            QemuProcess qemu = QemuProcess.Open(process);
            ObjectWalk walk = qemu.WalkObjects();
            IReadOnlyList<QomObject> objects = walk.Objects;
            DeviceSurvey survey = qemu.Survey(walk);
            var describer = new Describer(qemu, objects);
            return machine with
            {
                CpuCount = objects.Count == 0 ? null : objects.Count(o => o.Type.EndsWith("-cpu", StringComparison.Ordinal)),
                Devices = [.. survey.Devices.Select(describer.Describe).OfType<MachineDevice>()],
                Survey = survey,
                Start = qemu.IsStarting() ? describer.DescribeStart() : null,
            };
        }
        catch (Exception e) when (e is VirtioException or ProcessException)
        {
            return machine with { Problem = e.Message };
        }
    }

    /// <summary>
    /// What a QEMU's <c>--version</c> prints behind its name. It lies among the constants, which linkers for aarch64 put into the segment
    /// of the code.
    /// </summary>
    internal static string? VersionOf(ElfFile file)
    {
        foreach (ElfSegment segment in file.Segments)
        {
            if (segment.Type != ElfSegmentType.Load || segment.IsWritable)
                continue;
            ReadOnlySpan<byte> bytes = file.BytesAt(segment.Address, (int)Math.Min(segment.FileSize, int.MaxValue));
            int at = bytes.IndexOf("QEMU emulator version "u8);
            if (at < 0)
                continue;
            ReadOnlySpan<byte> version = bytes[(at + "QEMU emulator version ".Length)..];
            int end = version.IndexOfAny((byte)'\n', (byte)0);
            return end is > 0 and < 256 ? Encoding.UTF8.GetString(version[..end]) : null;
        }

        return null;
    }

    private static string? VersionOf(TargetProcess process)
    {
        try
        {
            using ElfFile file = ElfFile.Open(process.ExecutablePath);
            return VersionOf(file);
        }
        catch (Exception e) when (e is ElfFormatException or IOException or UnauthorizedAccessException)
        {
            // The layouts come from the same file; whoever reads them says why it cannot be read.
            return null;
        }
    }

    /// <summary>Adds to devices what other objects know of them.</summary>
    private sealed class Describer(QemuProcess qemu, IReadOnlyList<QomObject> objects)
    {
        private readonly TargetMemory _memory = qemu.Process.Memory;
        private readonly QomProperties _properties = new(qemu.Process.Memory);
        private readonly HashSet<ulong> _pciBuses = [.. objects.Where(o => o.Type is "PCI" or "PCIE" or "CXL").Select(o => o.Address)];

        public MachineDevice? Describe(VirtioDevice device) =>
            new QueueReader(qemu, device).Read() is not { } state ? null : new MachineDevice
        {
            Device = device,
            State = state,
            Backend = BlockNode(device.Address) ?? NetworkBackend(device.Address),
            Pci = device.Transport is { } transport ? PciOf(transport) : null,
        };

        // A device has no queues before it is made.
        public MachineStart DescribeStart() => new(
            qemu.Process is LiveProcess live ? new LiveThread(live.Id, live.Id).ReadStatus() : null,
            [.. objects.Where(o => o.Name == "virtio-backend" && o.Parent is not null
                && Pointer(o.Address + (ulong)qemu.Layouts.Device.Queues) is null)
                .Select(o => new MissingDevice(o.Parent!.Name, o.Type, BlockNode(o.Address) ?? NetworkBackend(o.Address)))]);

        private string? BlockNode(ulong device)
        {
            if (qemu.Layouts.Block is not { } layout || Pointer(_properties.Field(device, "drive")) is not { } backend
                || Pointer(backend + (ulong)layout.Root) is not { } child || Pointer(child + (ulong)layout.Node) is not { } node)
                return null;
            return _memory.ReadString(node + (ulong)layout.NodeName, 32) is { Length: > 0 } name ? name : null;
        }

        private string? NetworkBackend(ulong device) =>
            Pointer(_properties.Field(device, "netdev")) is { } client
                && Pointer(client + QomLayout.NetClientName) is { } name ? _memory.ReadString(name, 128) : null;

        private PciAddress? PciOf(ulong transport)
        {
            if (_properties.Field(transport, "addr") is not { } field || !_memory.TryRead(field, out int number) || number is < 0 or > 255)
                return null;
            Span<byte> device = stackalloc byte[DeviceStateBytes];
            if (!_memory.TryRead(transport, device))
                return null;
            for (int at = QomLayout.ObjectSize; at < device.Length; at += 8)
            {
                ulong bus = BinaryPrimitives.ReadUInt64LittleEndian(device[at..]);
                if (_pciBuses.Contains(bus) && Pointer(bus + QomLayout.BusName) is { } name
                    && _memory.ReadString(name, 128) is { Length: > 0 } text)
                    return new PciAddress(text, number >> 3, number & 7);
            }

            return null;
        }

        private ulong? Pointer(ulong? address) => address is { } at && _memory.TryRead(at, out ulong value) && value != 0 ? value : null;
    }
}
