using System.Text.Json;
using Virtap.Cli.Rendering;
using Virtap.Processes;
using Virtap.Processes.Cores;
using Virtap.Virtio.Devices;
using Virtap.Virtio.Features;
using Virtap.Virtio.Machines;
using Virtap.Virtio.Queues;

namespace Virtap.Cli.List;

/// <summary>
/// Machines as one JSON object: machines, each with its devices, each with its queues; <c>outOfSight</c> are the processes that may not be
/// looked into.
/// </summary>
internal static class ListJson
{
    public static void Write(Utf8JsonWriter writer, IReadOnlyList<QemuMachine> machines, IReadOnlyList<LiveProcess> outOfSight)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("machines");
        foreach (QemuMachine machine in machines)
            WriteMachine(writer, machine);
        writer.WriteEndArray();
        writer.WriteStartArray("outOfSight");
        foreach (LiveProcess process in outOfSight)
            writer.WriteNumberValue(process.Id);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteMachine(Utf8JsonWriter writer, QemuMachine machine)
    {
        writer.WriteStartObject();
        writer.WriteNumber("pid", machine.Process.Id);
        writer.WriteString("name", machine.Name);
        writer.WriteString("version", machine.Version);
        writer.WriteString("executable", machine.Process.ExecutableName);
        writer.WriteOptional("executableDeleted", (machine.Process as LiveProcess)?.IsExecutableDeleted);
        if (machine.Process is LiveProcess live)
            writer.WriteNumber("uptimeSeconds", Math.Round(live.Uptime.TotalSeconds, 2));
        else
            writer.WriteNull("uptimeSeconds");
        writer.WriteOptional("stopped", (machine.Process as LiveProcess)?.IsStopped);
        writer.WriteString("core", (machine.Process as CoreProcess)?.Path);
        writer.WriteOptional("signal", (machine.Process as CoreProcess)?.Signal);
        writer.WriteOptional("vcpus", machine.CpuCount);
        writer.WriteString("problem", machine.Problem);
        WriteStart(writer, machine.Start);
        if (machine.Monitor is { } monitor)
        {
            writer.WriteStartObject("qmp");
            writer.WriteString("socket", monitor.Socket);
            writer.WriteStrings("differences", monitor.Differences);
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteNull("qmp");
        }

        writer.WriteStartArray("devices");
        foreach (MachineDevice device in machine.Devices)
            WriteDevice(writer, device);
        writer.WriteEndArray();
        writer.WriteStartArray("unread");
        foreach (UnreadDevice device in machine.Survey?.Unread ?? [])
        {
            writer.WriteStartObject();
            DeviceJson.WriteUnread(writer, device);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteOptional("objectTreeWhole", machine.Survey?.IsTreeWhole);
        writer.WriteEndObject();
    }

    private static void WriteStart(Utf8JsonWriter writer, MachineStart? start)
    {
        if (start is null)
        {
            writer.WriteNull("starting");
            return;
        }

        writer.WriteStartObject("starting");
        writer.WriteString("mainThreadWaitsIn", start.MainThread?.WaitsIn);
        writer.WriteStartArray("missing");
        foreach (MissingDevice device in start.Missing)
        {
            writer.WriteStartObject();
            writer.WriteString("name", device.Name);
            writer.WriteString("type", device.Type);
            writer.WriteString("backend", device.Backend);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteDevice(Utf8JsonWriter writer, MachineDevice device)
    {
        DeviceState state = device.State;
        writer.WriteStartObject();
        DeviceJson.WriteIdentity(writer, device.Device);
        writer.WriteString("type", device.Device.Type);
        writer.WriteString("qomPath", device.Device.QomPath);
        writer.WriteString("transport", device.Device.TransportType);
        writer.WriteString("pci", device.Pci?.ToString());
        writer.WriteString("backend", device.Backend);
        writer.WriteString("iothread", QueueThreads.OfAll(device.Device));
        writer.WriteOptional("vhost", state.VhostStarted);
        writer.WriteOptional("vmRunning", state.VmRunning);
        writer.WriteOptional("broken", state.Broken);
        if (state.Status is { } status)
            writer.WriteStrings(
                "status", Enum.GetValues<DeviceStatus>().Where(s => s != DeviceStatus.None && status.HasFlag(s))
                .Select(s => s.ToString()));
        else
            writer.WriteNull("status");
        writer.WriteBoolean("packed", state.IsPacked);
        writer.WriteStrings("features", state.GuestFeatureNames);
        writer.WriteStrings("offeredFeatures", state.HostFeatureNames);
        writer.WriteStartArray("queues");
        foreach (QueueState queue in state.Queues)
        {
            writer.WriteStartObject();
            writer.WriteOptional("queue", queue.Index);
            writer.WriteAddress("address", queue.Address);
            writer.WriteNumber("size", queue.Number);
            writer.WriteBoolean("setUp", queue.IsSetUp);
            QueueThreads.Write(writer, device.Device, queue.Index);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
