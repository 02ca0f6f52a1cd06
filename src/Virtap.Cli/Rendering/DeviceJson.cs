using System.Text.Json;
using Virtap.Virtio.Devices;

namespace Virtap.Cli.Rendering;

/// <summary>What all commands say of a device in JSON.</summary>
internal static class DeviceJson
{
    /// <summary>Writes the properties that identify a device into the object that is open.</summary>
    public static void WriteIdentity(Utf8JsonWriter writer, VirtioDevice device)
    {
        writer.WriteNumber("pid", device.ProcessId);
        writer.WriteString("name", device.Name);
        writer.WriteString("id", device.Id);
        writer.WriteString("kind", device.Kind);
        writer.WriteAddress("address", device.Address);
    }

    /// <summary>Writes what is known of a device that cannot be looked at into the object that is open.</summary>
    public static void WriteUnread(Utf8JsonWriter writer, UnreadDevice device)
    {
        writer.WriteNumber("pid", device.ProcessId);
        writer.WriteString("name", device.Name);
        writer.WriteString("type", device.Type);
        writer.WriteString("qomPath", device.QomPath);
    }
}
