using Virtap.Binaries;
using Virtap.Binaries.Elf;
using Virtap.Debugging.Targets;

namespace Virtap.Debugging.Evaluation;

/// <summary>
/// Where a thread has the thread-local variables of the program: at a fixed distance from the thread pointer (Drepper, ELF Handling For
/// Thread-Local Storage). Those of libraries are where the dynamic linker alone knows.
/// </summary>
internal static class ThreadLocals
{
    // On aarch64 what belongs to the thread itself takes two words, behind which the program's variables begin.
    private const ulong HeaderBytesArm64 = 16;

    /// <summary>The address of a variable; null where it cannot be found.</summary>
    /// <param name="program">The program.</param>
    /// <param name="pointer">The thread pointer.</param>
    /// <param name="offset">From the beginning of the program's variables.</param>
    public static ulong? AddressOf(LoadedImage program, ulong pointer, ulong offset)
    {
        ElfSegment segment = program.File.Segments.FirstOrDefault(static each => each.Type == ElfSegmentType.ThreadLocal);
        if (segment.MemorySize == 0 || offset >= segment.MemorySize)
            return null;
        ulong alignment = Math.Max(segment.Alignment, 1);
        return HostArchitecture.Current == Architecture.X64
            ? pointer - RoundUp(segment.MemorySize, alignment) + offset : pointer + RoundUp(HeaderBytesArm64, alignment) + offset;

        static ulong RoundUp(ulong size, ulong alignment) => (size + alignment - 1) / alignment * alignment;
    }
}
