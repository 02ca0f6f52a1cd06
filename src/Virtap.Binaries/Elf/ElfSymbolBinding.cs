namespace Virtap.Binaries.Elf;

/// <summary>Who sees a symbol (<c>STB_*</c>); others keep their number.</summary>
public enum ElfSymbolBinding
{
    Local = 0,
    Global = 1,
    Weak = 2,

    /// <summary><c>STB_GNU_UNIQUE</c>: one in the whole process.</summary>
    Unique = 10,
}
