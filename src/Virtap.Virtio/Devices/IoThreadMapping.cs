using System.Buffers.Binary;
using Virtap.Processes.Memory;

namespace Virtap.Virtio.Devices;

/// <summary>
/// A list of IOThreadVirtQueueMapping (qapi/virtio.json, QEMU 9.0 and later) in QEMU's memory: iothreads, either each with the numbers of
/// its queues, or without, and then the queues are dealt out to them in turn. A list of QAPI is a chain of {next, value}; an element is
/// {char *iothread, bool has_vqs, uint16List *vqs}.
/// </summary>
/// <param name="memory">QEMU's memory.</param>
/// <param name="list">The list's first link.</param>
internal sealed class IoThreadMapping(TargetMemory memory, ulong list)
{
    // No device has more queues, and so no more iothreads with one.
    private const int Longest = 1024;
    private const int ElementSize = 24, HasQueues = 8, Queues = 16;
    private const int LongestName = 256;

    /// <summary>Names the iothread of each queue.</summary>
    /// <param name="threads">The queues that are mapped; what the list says nothing of stays as it is.</param>
    public void Apply(Span<string?> threads)
    {
        ulong[] elements = Chain(list);
        Span<byte> element = stackalloc byte[ElementSize];
        for (int n = 0; n < elements.Length; n++)
        {
            if (!memory.TryRead(elements[n], element)
                || memory.ReadString(BinaryPrimitives.ReadUInt64LittleEndian(element), LongestName) is not { Length: > 0 } name)
                continue;
            ulong queues = BinaryPrimitives.ReadUInt64LittleEndian(element[Queues..]);
            if (element[HasQueues] != 0 && queues != 0)
            {
                // The value of a uint16List is in its link.
                foreach (ulong queue in Chain(queues))
                {
                    if ((ushort)queue < threads.Length)
                        threads[(ushort)queue] = name;
                }
            }
            else
            {
                for (int queue = n; queue < threads.Length; queue += elements.Length)
                    threads[queue] = name;
            }
        }
    }

    private ulong[] Chain(ulong link)
    {
        var values = new List<ulong>();
        Span<byte> bytes = stackalloc byte[16];
        while (link != 0 && values.Count < Longest && memory.TryRead(link, bytes))
        {
            values.Add(BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]));
            link = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        }

        return [.. values];
    }
}
