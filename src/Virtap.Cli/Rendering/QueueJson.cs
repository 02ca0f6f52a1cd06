using System.Text.Json;
using Virtap.Virtio.Queues;

namespace Virtap.Cli.Rendering;

/// <summary>The state of a queue in JSON.</summary>
internal static class QueueJson
{
    /// <summary>
    /// Writes QEMU's side of a queue into the object that is open, under the names that QEMU's source and its QMP have for it.
    /// </summary>
    public static void WriteIndices(Utf8JsonWriter writer, QueueState queue)
    {
        writer.WriteAddress("desc", queue.Descriptors);
        writer.WriteAddress("avail", queue.Avail);
        writer.WriteAddress("used", queue.Used);
        writer.WriteNumber("last_avail_idx", queue.LastAvailIndex);
        writer.WriteOptional("last_avail_wrap_counter", queue.LastAvailWrap);
        writer.WriteOptional("shadow_avail_idx", queue.ShadowAvailIndex);
        writer.WriteNumber("used_idx", queue.UsedIndex);
        writer.WriteOptional("used_wrap_counter", queue.UsedWrap);
        writer.WriteOptional("signalled_used", queue.SignalledUsed);
        writer.WriteOptional("signalled_used_valid", queue.SignalledUsedValid);
        writer.WriteOptional("notification", queue.Notification);
        writer.WriteOptional("inuse", queue.InUse);
        writer.WriteOptional("vector", queue.Vector);
    }

    /// <summary>Writes the ring as it lies in guest memory, as the property <c>guest</c>; null where it cannot be seen.</summary>
    public static void WriteGuest(Utf8JsonWriter writer, GuestRing? ring)
    {
        if (ring is null)
        {
            writer.WriteNull("guest");
            return;
        }

        writer.WriteStartObject("guest");
        writer.WriteOptional("avail_idx", ring.AvailIndex);
        writer.WriteOptional("used_idx", ring.UsedIndex);
        writer.WriteOptional("next_is_available", ring.NextIsAvailable);
        writer.WriteNumber("driver_flags", ring.Driver.Flags);
        writer.WriteOptional("driver_event", ring.Driver.Event);
        writer.WriteNumber("device_flags", ring.Device.Flags);
        writer.WriteOptional("device_event", ring.Device.Event);
        writer.WriteEndObject();
    }
}
