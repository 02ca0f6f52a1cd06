using Virtap.Binaries.Elf;
using Virtap.Processes;
using Virtap.Processes.Memory;

namespace Virtap.Virtio.Tests.Support;

/// <summary>A process of whose memory some is not there, or reads as zeros: as in a core that does not hold all of it.</summary>
/// <param name="process">The process.</param>
/// <param name="missing">First byte and length of what cannot be read.</param>
/// <param name="zero">First byte and length of what is overwritten.</param>
internal sealed class PartialProcess(
    LiveProcess process, IReadOnlyList<(ulong Start, ulong Length)> missing, IReadOnlyList<(ulong Start, ulong Length)> zero)
    : TargetProcess
{
    public override int Id => process.Id;

    public override string Label => "partial";

    public override string Name => process.Name;

    public override TargetMemory Memory { get; } = new PartialMemory(process.Memory, missing, zero);

    public override string ExecutablePath => process.ExecutablePath;

    public override string? ExecutableName => process.ExecutableName;

    public override IReadOnlyList<string> CommandLine => process.CommandLine;

    // Of what is not there nothing can be searched.
    public override Mappings ReadMappings() => Mappings.Parse([]);

    public override ulong? LoadBias(ElfFile executable) => process.LoadBias(executable);

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
