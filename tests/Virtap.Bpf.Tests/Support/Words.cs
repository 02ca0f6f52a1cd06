using Virtap.Bpf.Maps;

namespace Virtap.Bpf.Tests.Support;

internal static unsafe class Words
{
    /// <summary>A 64-bit word of the shared memory.</summary>
    public static ref long Word(this SharedMemoryMap memory, int offset) => ref *(long*)(memory.Address + offset);
}
