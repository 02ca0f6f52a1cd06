namespace Virtap.Language.Formats;

/// <summary>The conversions of SystemTap's printf.</summary>
public enum FormatConversion
{
    /// <summary>%d, %i.</summary>
    Signed,

    /// <summary>%u.</summary>
    Unsigned,

    /// <summary>%x.</summary>
    Hexadecimal,

    /// <summary>%X.</summary>
    UpperHexadecimal,

    /// <summary>%o.</summary>
    Octal,

    /// <summary>%p: 0x and hexadecimal.</summary>
    Pointer,

    /// <summary>%c.</summary>
    Character,

    /// <summary>%b: the number's bytes, as many as the width says (1, 2, 4, 8).</summary>
    Binary,

    /// <summary>%s.</summary>
    String,

    /// <summary>%m: bytes of target memory at the address, as many as the precision says.</summary>
    Memory,

    /// <summary>%M: the same in hexadecimal.</summary>
    MemoryHexadecimal,
}
