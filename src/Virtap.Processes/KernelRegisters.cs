using System.Buffers.Binary;
using Virtap.Binaries;

namespace Virtap.Processes;

/// <summary>A thread's registers as the kernel hands them out (struct user_regs_struct): flags and segments too.</summary>
/// <param name="Bytes">The structure.</param>
/// <param name="Architecture">The processor; null where it is none that is known.</param>
public readonly record struct KernelRegisters(byte[] Bytes, Architecture? Architecture)
{
    // fs_base.
    private const int ThreadPointerX64 = 21;

    /// <summary>What the C library tells threads apart by (pthread_self); null where that is not known.</summary>
    public ulong? ThreadPointer => Architecture == Binaries.Architecture.X64 ? Word(ThreadPointerX64) : null;

    /// <summary>A word of the structure by its place; null where it is shorter.</summary>
    public ulong? Word(int index) => (index + 1) * sizeof(ulong) <= Bytes.Length
        ? BinaryPrimitives.ReadUInt64LittleEndian(Bytes.AsSpan(index * sizeof(ulong))) : null;
}
