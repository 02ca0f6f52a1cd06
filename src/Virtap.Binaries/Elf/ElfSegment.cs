namespace Virtap.Binaries.Elf;

/// <summary>A program header: bytes of the file, and where they are mapped when the program runs.</summary>
/// <param name="Type">What it is.</param>
/// <param name="Flags"><c>PF_X</c> 1, <c>PF_W</c> 2, <c>PF_R</c> 4.</param>
/// <param name="Offset">Its first byte in the file.</param>
/// <param name="Address">Its link-time address.</param>
/// <param name="FileSize">Bytes in the file; may reach beyond the end of a file that was cut short.</param>
/// <param name="MemorySize">Bytes in memory; those beyond <paramref name="FileSize"/> are zero at start.</param>
/// <param name="Alignment">Its alignment in memory.</param>
public readonly record struct ElfSegment(
    ElfSegmentType Type, uint Flags, ulong Offset, ulong Address, ulong FileSize, ulong MemorySize, ulong Alignment)
{
    /// <summary>Whether the segment holds code.</summary>
    public bool IsExecutable => (Flags & 1) != 0;

    /// <summary>Whether the program may write to it.</summary>
    public bool IsWritable => (Flags & 2) != 0;

    /// <summary>Whether an address lies in the segment as it is in memory.</summary>
    public bool Contains(ulong address) => address - Address < MemorySize;
}

/// <summary>The types of segments that Virtap looks at (<c>p_type</c>); others keep their number.</summary>
public enum ElfSegmentType : uint
{
    Null = 0,
    Load = 1,
    Dynamic = 2,
    Interpreter = 3,
    Note = 4,
    ProgramHeaders = 6,
    ThreadLocal = 7,
    GnuEhFrame = 0x6474e550,
    GnuStack = 0x6474e551,
    GnuRelro = 0x6474e552,
    GnuProperty = 0x6474e553,
}
