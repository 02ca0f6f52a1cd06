namespace Virtap.Binaries.Elf;

/// <summary>What a symbol stands for (<c>STT_*</c>); others keep their number.</summary>
public enum ElfSymbolKind
{
    None = 0,
    Object = 1,
    Function = 2,
    Section = 3,
    File = 4,
    Common = 5,
    ThreadLocal = 6,

    /// <summary><c>STT_GNU_IFUNC</c>: its address is that of a function which chooses the function.</summary>
    IndirectFunction = 10,
}
