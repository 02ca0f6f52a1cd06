using Virtap.Binaries.Types;

namespace Virtap.Debugging.Printing;

/// <summary>A type without its qualifiers, and which they are.</summary>
/// <param name="Whole">The type with them.</param>
/// <param name="Type">The type without them.</param>
/// <param name="Qualifiers">Their words.</param>
internal readonly record struct TypeView(CType Whole, CType Type, string Qualifiers)
{
    private const int MaxSteps = 64;

    public bool IsConst => Has("const");

    public bool IsVolatile => Has("volatile");

    public bool IsRestrict => Has("restrict");

    public bool IsAtomic => Has("_Atomic");

    /// <summary>What it is called; null for pointers, arrays, functions, and structures without a tag.</summary>
    public string? Name => Type switch
    {
        VoidType => "void",
        IntegerType integer => Canonical(integer.Name ?? "long"),
        FloatingType floating => floating.Name,
        StructureType structure => structure.Tag,
        EnumerationType enumeration => enumeration.Tag,
        TypedefType named => named.Name,
        _ => null,
    };

    /// <summary>Takes the qualifiers off.</summary>
    public static TypeView Of(CType type)
    {
        CType plain = type;
        string qualifiers = "";
        while (plain is QualifiedType qualified)
        {
            qualifiers = $"{qualifiers} {qualified.Qualifiers}";
            plain = qualified.Type;
        }

        return new TypeView(type, plain, qualifiers);
    }

    /// <summary>Takes typedefs off too; qualifiers in front of them stay.</summary>
    public static TypeView Resolve(CType type)
    {
        TypeView view = Of(type);
        string qualifiers = view.Qualifiers;
        for (int step = 0; view.Type is TypedefType { Target: { } target } && step < MaxSteps; step++)
        {
            view = Of(target);
            qualifiers = $"{qualifiers} {view.Qualifiers}";
        }

        CType whole = string.IsNullOrWhiteSpace(qualifiers) ? view.Type : new QualifiedType(qualifiers.Trim(), view.Type);
        return new TypeView(whole, view.Type, qualifiers);
    }

    /// <summary>gdb writes the names of C's integers in one way, however a compiler does.</summary>
    private static string Canonical(string name) => name switch
    {
        "short int" => "short",
        "short unsigned int" => "unsigned short",
        "long int" => "long",
        "long unsigned int" => "unsigned long",
        "long long int" => "long long",
        "long long unsigned int" => "unsigned long long",
        _ => name,
    };

    private bool Has(string word) => Qualifiers.Contains(word, StringComparison.Ordinal);
}
