namespace Virtap.Binaries.Marks.Recovered;

/// <summary>
/// Size and sign of the C types that trace events may have (<c>ALLOWED_TYPES</c> in scripts/tracetool/__init__.py in QEMU's source) on 64-bit
/// Linux: int, long, short, char, bool, unsigned, signed, the types of stdint.h, size_t, ssize_t, and pointers.
/// </summary>
internal static class CIntegers
{
    /// <summary>Bytes of a type, and whether its values have a sign; null for another type.</summary>
    public static (int Size, bool IsSigned)? SizeOf(string type)
    {
        if (type.Contains('*', StringComparison.Ordinal))
            return (8, false);
        bool isUnsigned = false, any = false;
        int size = 4, longs = 0;
        bool isChar = false, isShort = false;
        foreach (string word in type.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            switch (word)
            {
                case "const" or "volatile":
                    continue;
                case "unsigned":
                    isUnsigned = true;
                    break;
                case "signed" or "int":
                    break;
                case "long":
                    longs++;
                    break;
                case "short":
                    isShort = true;
                    break;
                case "char":
                    isChar = true;
                    break;
                default:
                    return any ? null : SizeOfName(word);
            }

            any = true;
        }

        if (longs > 0)
            size = 8;
        else if (isShort)
            size = 2;
        else if (isChar)
            size = 1;
        return any ? (size, !isUnsigned) : null;
    }

    private static (int Size, bool IsSigned)? SizeOfName(string name) => name switch
    {
        "bool" or "uint8_t" => (1, false),
        "int8_t" => (1, true),
        "uint16_t" => (2, false),
        "int16_t" => (2, true),
        "uint32_t" => (4, false),
        "int32_t" => (4, true),
        "uint64_t" or "uintptr_t" or "size_t" or "hwaddr" => (8, false),
        "int64_t" or "intptr_t" or "ssize_t" => (8, true),
        _ => null,
    };
}
