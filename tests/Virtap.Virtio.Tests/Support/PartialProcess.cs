using Virtap.Processes;
using Virtap.Processes.Memory;

namespace Virtap.Virtio.Tests.Support;

/// <summary>A process of whose memory some is not there, or reads as zeros: as in a core that does not hold all of it.</summary>
/// <param name="process">The process.</param>
/// <param name="missing">First byte and length of what cannot be read.</param>
/// <param name="zero">First byte and length of what is overwritten.</param>
internal sealed class PartialProcess(
    LiveProcess process, IReadOnlyList<(ulong Start, ulong Length)> missing, IReadOnlyList<(ulong Start, ulong Length)> zero)
    : AlteredProcess(process, "partial", new PartialMemory(process.Memory, missing, zero))
{
    // Of what is not there nothing can be searched.
    public override Mappings ReadMappings() => Mappings.Parse([]);

    private sealed class PartialMemory(
        TargetMemory memory, IReadOnlyList<(ulong Start, ulong Length)> missing, IReadOnlyList<(ulong Start, ulong Length)> zero)
        : TargetMemory
    {
        public override bool IsLive => false;

        public override int Read(ulong address, Span<byte> buffer)
        {
            int room = buffer.Length;
            foreach ((ulong start, ulong length) in missing)
            {
                if (address < start + length && address + (ulong)room > start)
                    room = address >= start ? 0 : (int)(start - address);
            }

            int read = memory.Read(address, buffer[..room]);
            foreach ((ulong start, ulong length) in zero)
            {
                for (int at = 0; at < read; at++)
                {
                    if (address + (ulong)at - start < length)
                        buffer[at] = 0;
                }
            }

            return read;
        }
    }
}
