using Virtap.Binaries.Types;

namespace Virtap.Tracing.Probes;

/// <summary>C types as SystemTap's listings and messages write them: qualifiers behind what they qualify, <c>char const*</c>.</summary>
internal static class StapTypeText
{
    /// <summary>The text of a type.</summary>
    public static string Of(CType type) => type switch
    {
        PointerType { Target: FunctionType function } => $"{Of(function.Result)} (*)({Parameters(function)})",
        PointerType pointer => Of(pointer.Target) + "*",
        QualifiedType qualified => $"{Of(qualified.Type)} {qualified.Qualifiers}",
        ArrayType array => Of(array.Element) + "[]",
        FunctionType function => $"{Of(function.Result)} ({Parameters(function)})",
        StructureType { Tag: null, IsUnion: var isUnion } => isUnion ? "union <anonymous>" : "struct <anonymous>",
        EnumerationType { Tag: null } => "enum <anonymous>",
        _ => type.ToString(),
    };

    private static string Parameters(FunctionType function)
    {
        IEnumerable<string> parameters = (function.Parameters ?? []).Select(Of);
        return string.Join(", ", function.IsVariadic ? parameters.Append("...") : parameters);
    }
}
