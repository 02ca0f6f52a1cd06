using System.Text;

namespace Virtap.Binaries.Elf;

/// <summary>A symbol. Its name is decoded each time it is asked for: enumerating symbols costs no strings.</summary>
public readonly struct ElfSymbol
{
    private const ushort Undefined = 0, Absolute = 0xfff1;

    private readonly ElfSymbolTable _table;
    private readonly uint _name;
    private readonly byte _info;

    internal ElfSymbol(ElfSymbolTable table, int index, ReadOnlySpan<byte> entry)
    {
        _table = table;
        Index = index;
        _name = ElfImage.Word(entry, 0);
        _info = entry[4];
        SectionIndex = ElfImage.Half(entry, 6);
        Address = ElfImage.Long(entry, 8);
        Size = ElfImage.Long(entry, 16);
    }

    /// <summary>The symbol's place in its table, from 0 (which is always empty).</summary>
    public int Index { get; }

    /// <summary>The name as a new string; empty where the file has none.</summary>
    public string Name => Encoding.UTF8.GetString(NameUtf8);

    /// <summary>The name's bytes; valid as long as the file is open.</summary>
    public ReadOnlySpan<byte> NameUtf8 => _table.NameAt(_name);

    /// <summary>Link-time address, for a defined symbol of a linked file.</summary>
    public ulong Address { get; }

    /// <summary>Bytes of what it stands for; 0 where nobody said.</summary>
    public ulong Size { get; }

    public ElfSymbolKind Kind => (ElfSymbolKind)(_info & 0xf);

    public ElfSymbolBinding Binding => (ElfSymbolBinding)(_info >> 4);

    /// <summary>The section it lies in, or one of the reserved numbers (<c>SHN_ABS</c> 0xfff1, <c>SHN_XINDEX</c> 0xffff).</summary>
    public ushort SectionIndex { get; }

    /// <summary>Whether this file defines it; otherwise it asks for another file's.</summary>
    public bool IsDefined => SectionIndex != Undefined;

    /// <summary>Whether its value is a number, which loading does not move, and no address in the file's image.</summary>
    public bool IsAbsolute => SectionIndex == Absolute;

    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Kind} 0x{Address:x}+{Size}";
}

/// <summary>Who sees a symbol (<c>STB_*</c>); others keep their number.</summary>
public enum ElfSymbolBinding
{
    Local = 0,
    Global = 1,
    Weak = 2,

    /// <summary><c>STB_GNU_UNIQUE</c>: one in the whole process.</summary>
    Unique = 10,
}

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
