using System.Runtime.InteropServices;
using Virtap.Processes.Memory;
using Virtap.Virtio.Layouts;

namespace Virtap.Virtio.Devices;

/// <summary>
/// Searches a QEMU's memory for arrays of queues: structures of a known size that follow each other, all point to one device, and count up
/// their own number. The device's pointer back to the array settles it. Some tenths of a second, as guest memory and translated code are
/// searched too: for a QEMU whose object tree cannot be walked.
/// </summary>
internal static class DeviceScan
{
    // Guest memory is anonymous memory too, and much larger than any heap: small mappings first, and an end.
    private const ulong MaximumMapping = 1ul << 30;
    private const ulong MaximumTotal = 2ul << 30;
    private const int ChunkSize = 1 << 20;

    public static IReadOnlyList<ulong> Find(QemuProcess qemu)
    {
        const MappingProtection ReadWrite = MappingProtection.Read | MappingProtection.Write;
        var found = new List<ulong>();
        VirtQueueLayout layout = qemu.Layouts.Queue;
        // So that an array across the boundary of two chunks is seen whole.
        int overlap = 3 * layout.Size;
        byte[] buffer = new byte[ChunkSize + overlap];
        ulong total = 0;
        foreach (Mapping mapping in qemu.Process.ReadMappings()
            .Where(m => (m.Protection & (ReadWrite | MappingProtection.Shared)) == ReadWrite && !m.IsFile && m.Length <= MaximumMapping)
            .OrderBy(m => m.Length))
        {
            if ((total += mapping.Length) > MaximumTotal)
                break;
            for (ulong at = mapping.Start; at < mapping.End; at += ChunkSize)
            {
                int read = qemu.Process.Memory.Read(at, buffer.AsSpan(0, (int)Math.Min((ulong)buffer.Length, mapping.End - at)));
                Search(qemu, buffer.AsSpan(0, read), found);
            }
        }

        return found;
    }

    private static void Search(QemuProcess qemu, ReadOnlySpan<byte> bytes, List<ulong> found)
    {
        VirtQueueLayout layout = qemu.Layouts.Queue;
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        int stride = layout.Size / sizeof(ulong), device = layout.Device / sizeof(ulong);
        for (int i = device; i + 2 * stride < words.Length; i++)
        {
            ulong value = words[i];
            if (value == 0 || value != words[i + stride] || value != words[i + 2 * stride] || (value & 7) != 0)
                continue;
            int queue = (i - device) * sizeof(ulong);
            if (queue + 2 * layout.Size + layout.QueueIndex + 2 > bytes.Length || Index(bytes, queue, 0) != 0
                || Index(bytes, queue, 1) != 1 || Index(bytes, queue, 2) != 2)
                continue;
            if (!found.Contains(value) && DeviceFinder.IsDevice(qemu.Process.Memory, qemu.Layouts, value, out _))
                found.Add(value);
        }

        ushort Index(ReadOnlySpan<byte> bytes, int queue, int n) =>
            System.Buffers.Binary.BinaryPrimitives.ReadUInt16LittleEndian(bytes[(queue + n * layout.Size + layout.QueueIndex)..]);
    }
}
