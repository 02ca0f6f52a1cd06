using System.Runtime.InteropServices;
using System.Text;
using Virtap.Processes;
using Virtap.Processes.Memory;

namespace Virtap.Virtio.Tests.Support;

/// <summary>A process whose memory reads wrong here and there: always in the same places, as in a core that was damaged.</summary>
/// <param name="process">The process.</param>
/// <param name="seed">Which places.</param>
/// <param name="oneIn">One word in how many.</param>
internal sealed class DamagedProcess(LiveProcess process, uint seed, uint oneIn)
    : AlteredProcess(process, "damaged", new DamagedMemory(process.Memory, seed, oneIn))
{
    // Enough to search in, and not a second's work each time.
    public override Mappings ReadMappings() =>
        Mappings.Parse(
            Encoding.UTF8.GetBytes(
                string.Concat(
                    File.ReadLines($"/proc/{Id}/maps").Where(l => l.EndsWith("[heap]", StringComparison.Ordinal)).Select(l => l + "\n"))));

    private sealed class DamagedMemory(TargetMemory memory, uint seed, uint oneIn) : TargetMemory
    {
        public override bool IsLive => false;

        public override int Read(ulong address, Span<byte> buffer)
        {
            int read = memory.Read(address, buffer);
            for (int at = (int)(-(long)address & 7); at + 8 <= read; at += 8)
            {
                uint chance = Mix(address + (ulong)at);
                if (chance % oneIn == 0)
                    Damage(buffer.Slice(at, 8), chance / oneIn);
            }

            return read;
        }

        // A bit or a byte of it, all of it, or the address of something else.
        private static void Damage(Span<byte> word, uint how)
        {
            ref ulong value = ref MemoryMarshal.AsRef<ulong>(word);
            switch (how % 4)
            {
                case 0:
                    value ^= 1ul << (int)(how / 4 % 64);
                    break;
                case 1:
                    word[(int)(how / 4 % 8)] = (byte)(how >> 8);
                    break;
                case 2:
                    value = how / 4 % 2 == 0 ? ulong.MaxValue : 0;
                    break;
                default:
                    value += 64 * (how % 1000);
                    break;
            }
        }

        private uint Mix(ulong word)
        {
            ulong mixed = (word ^ seed) * 0x9e3779b97f4a7c15;
            mixed = (mixed ^ mixed >> 32) * 0xd6e8feb86659fd93;
            return (uint)(mixed >> 32);
        }
    }
}
