using Virtap.Binaries.Dwarf.Entries;
using Virtap.Binaries.Types;

namespace Virtap.Tracing.Probes;

/// <summary>C types as SystemTap's listings and messages write them: qualifiers behind what they qualify, <c>char const*</c>.</summary>
internal static class StapTypeText
{
    /// <summary>The text of a type.</summary>
    public static string Of(CType type) => type switch
    {
        PointerType { Kind: PointerKind.Reference } reference => Of(reference.Target) + "&",
        PointerType { Kind: PointerKind.RvalueReference } reference => Of(reference.Target) + "&&",
        PointerType pointer => OfPointer(pointer, "*"),
        QualifiedType qualified => $"{Of(qualified.Type)} {qualified.Qualifiers}",
        // However many dimensions it has.
        ArrayType { Element: ArrayType row } => Of(row),
        ArrayType array => Of(array.Element) + "[]",
        FunctionType function => $"{Of(function.Result)} ({Parameters(function)})",
        StructureType { Tag: null, IsUnion: var isUnion } => isUnion ? "union {...}" : "struct {...}",
        EnumerationType { Tag: null } => "enum {...}",
        // Without what it belongs to.
        StructureType { Tag: { } tag } structure => (structure with { Tag = ScopedName.PartsOf(tag)[^1] }).ToString(),
        EnumerationType { Tag: { } tag } enumeration => (enumeration with { Tag = ScopedName.PartsOf(tag)[^1] }).ToString(),
        TypedefType typedef => ScopedName.PartsOf(typedef.ToString())[^1],
        _ => type.ToString(),
    };

    private static string OfPointer(PointerType pointer, string stars) => pointer.Target switch
    {
        PointerType { Kind: PointerKind.Pointer } inner => OfPointer(inner, stars + "*"),
        FunctionType function => $"{Of(function.Result)} ({stars}) ({Parameters(function)})",
        var target => Of(target) + stars,
    };

    /// <summary>What is not said to take anything may be given anything.</summary>
    private static string Parameters(FunctionType function)
    {
        if (function.Parameters is not { } parameters)
            return "...";
        if (parameters.Count == 0 && !function.IsVariadic)
            return "void";
        IEnumerable<string> texts = parameters.Select(Of);
        return string.Join(", ", function.IsVariadic ? texts.Append("...") : texts);
    }
}
