namespace Virtap.Binaries.Types;

/// <summary>
/// Reads types as declarations name them: <c>const char *</c>, <c>unsigned long</c>, <c>struct iovec *</c>, <c>uint8_t</c>. Sizes are those
/// of 64-bit Linux.
/// </summary>
public static class CTypeName
{
    private static readonly VoidType s_void = new();

    /// <summary>Reads a type's name. A name that is not known is a typedef of nothing.</summary>
    /// <param name="text">The name, without that of a variable.</param>
    /// <param name="typedefOf">
    /// What the program's own typedefs stand for, by name; null for those of C's and POSIX's headers alone.
    /// </param>
    public static CType Parse(string text, Func<string, CType?>? typedefOf = null)
    {
        int star = text.IndexOf('*', StringComparison.Ordinal);
        CType type = Base(text.AsSpan(0, star < 0 ? text.Length : star), typedefOf);
        for (int at = star; at >= 0 && at < text.Length;)
        {
            int next = text.IndexOf('*', at + 1);
            type = new PointerType(type);
            string[] behind = Words(text.AsSpan(at + 1, (next < 0 ? text.Length : next) - at - 1));
            if (behind.Length > 0)
                type = new QualifiedType(string.Join(' ', behind), type);
            at = next;
        }

        return type;
    }

    private static CType Base(ReadOnlySpan<char> text, Func<string, CType?>? typedefOf)
    {
        string[] words = Words(text);
        string[] qualifiers = Array.FindAll(words, IsQualifier);
        if (qualifiers.Length == 0)
            return Unqualified(words, typedefOf);
        return new QualifiedType(
            string.Join(' ', qualifiers), Unqualified(Array.FindAll(words, static word => !IsQualifier(word)), typedefOf));
    }

    private static CType Unqualified(string[] words, Func<string, CType?>? typedefOf) => words switch
    {
        ["void"] => s_void,
        ["struct", var tag] => new StructureType(IsUnion: false, tag),
        ["union", var tag] => new StructureType(IsUnion: true, tag),
        ["enum", var tag] => new EnumerationType(tag, null),
        ["float"] => new FloatingType("float", 4),
        ["double"] => new FloatingType("double", 8),
        ["long", "double"] => new FloatingType("long double", 16),
        ["bool" or "_Bool"] => new IntegerType(words[0], 1, IsSigned: false),
        [_, ..] when Array.TrueForAll(words, static word => word is "unsigned" or "signed" or "int" or "long" or "short" or "char") =>
            Integer(words),
        [var name] when (Typedef(name) ?? typedefOf?.Invoke(name)) is { } target => new TypedefType(name, target),
        _ => new TypedefType(string.Join(' ', words), null),
    };

    private static IntegerType Integer(string[] words)
    {
        int size = words.Contains("char") ? 1 : words.Contains("short") ? 2 : words.Contains("long") ? 8 : 4;
        return new IntegerType(string.Join(' ', words), size, !words.Contains("unsigned"));
    }

    /// <summary>What the names of C's and POSIX's headers stand for.</summary>
    private static IntegerType? Typedef(string name) => name switch
    {
        "int8_t" => new IntegerType("signed char", 1, IsSigned: true),
        "uint8_t" => new IntegerType("unsigned char", 1, IsSigned: false),
        "int16_t" => new IntegerType("short", 2, IsSigned: true),
        "uint16_t" => new IntegerType("unsigned short", 2, IsSigned: false),
        "int32_t" or "pid_t" => new IntegerType("int", 4, IsSigned: true),
        "uint32_t" or "uid_t" or "gid_t" or "mode_t" => new IntegerType("unsigned int", 4, IsSigned: false),
        "int64_t" or "intmax_t" or "intptr_t" or "ptrdiff_t" or "ssize_t" or "off_t" or "time_t" =>
            new IntegerType("long", 8, IsSigned: true),
        "uint64_t" or "uintmax_t" or "uintptr_t" or "size_t" => new IntegerType("unsigned long", 8, IsSigned: false),
        _ => null,
    };

    private static bool IsQualifier(string word) => word is "const" or "volatile" or "restrict";

    private static string[] Words(ReadOnlySpan<char> text) => text.ToString().Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
}
