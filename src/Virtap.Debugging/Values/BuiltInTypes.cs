using Virtap.Binaries.Types;

namespace Virtap.Debugging.Values;

/// <summary>The types that C has without declarations, under the names that gdb gives them.</summary>
public static class BuiltInTypes
{
    public static VoidType Void { get; } = new();

    public static IntegerType Char { get; } = new("char", 1, IsSigned: true);

    public static IntegerType Int { get; } = new("int", 4, IsSigned: true);

    public static IntegerType UnsignedInt { get; } = new("unsigned int", 4, IsSigned: false);

    public static IntegerType Long { get; } = new("long", 8, IsSigned: true);

    public static IntegerType UnsignedLong { get; } = new("unsigned long", 8, IsSigned: false);

    public static IntegerType LongLong { get; } = new("long long", 8, IsSigned: true);

    public static IntegerType UnsignedLongLong { get; } = new("unsigned long long", 8, IsSigned: false);

    public static IntegerType Bool { get; } = new("bool", 1, IsSigned: false);

    public static FloatingType Float { get; } = new("float", 4);

    public static FloatingType Double { get; } = new("double", 8);

    public static FloatingType LongDouble { get; } = new("long double", 16);

    /// <summary>A pointer to anything.</summary>
    public static PointerType DataPointer { get; } = new(Void);

    /// <summary>A pointer to code, as <c>$pc</c> is one.</summary>
    public static PointerType CodePointer { get; } = new(new FunctionType(Void, null, IsVariadic: false));

    /// <summary>The type that words as <c>unsigned long int</c> mean; null where they mean none.</summary>
    /// <param name="words">Words as C allows them in any order.</param>
    public static CType? Of(IReadOnlyList<string> words)
    {
        int Count(string word) => words.Count(each => each == word);
        bool isUnsigned = Count("unsigned") > 0, isSigned = Count("signed") > 0;
        int longs = Count("long");
        string core = string.Join(' ', words.Where(static word => word is not ("unsigned" or "signed" or "long")));
        return (core, longs) switch
        {
            ("void", 0) => Void,
            ("float", 0) => Float,
            ("double", 0) => Double,
            ("double", 1) => LongDouble,
            ("_Bool", 0) => new IntegerType("_Bool", 1, IsSigned: false),
            ("char", 0) => isUnsigned ? new IntegerType("unsigned char", 1, IsSigned: false)
                : isSigned ? new IntegerType("signed char", 1, IsSigned: true) : Char,
            ("short" or "short int" or "int short", 0) => new IntegerType(isUnsigned ? "unsigned short" : "short", 2, !isUnsigned),
            ("int" or "", 0) => isUnsigned ? UnsignedInt : Int,
            ("int" or "", 1) => isUnsigned ? UnsignedLong : Long,
            ("int" or "", 2) => isUnsigned ? UnsignedLongLong : LongLong,
            ("__int128", 0) => new IntegerType(isUnsigned ? "unsigned __int128" : "__int128", 16, !isUnsigned),
            _ => null,
        };
    }
}
