namespace Virtap.Language.Binding;

/// <summary>How a C type's values are printed.</summary>
internal enum TargetTypeKind
{
    /// <summary>A structure, or a type that is not known.</summary>
    Other,
    Signed,
    Unsigned,
    Character,
    Pointer,

    /// <summary>A pointer to characters: a string, as far as anybody knows.</summary>
    CharPointer,
}

/// <summary>Reads C types as far as printing values of them needs.</summary>
internal static class TargetTypes
{
    /// <summary>What kind of type this is, given as C has it: <c>const char *</c>, <c>uint32_t</c>.</summary>
    public static TargetTypeKind Classify(string? type)
    {
        if (type is null)
            return TargetTypeKind.Other;
        int star = type.IndexOf('*', StringComparison.Ordinal);
        string[] words = [.. (star < 0 ? type : type[..star]).Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(static word => word is not ("const" or "volatile" or "restrict"))];
        if (star >= 0)
            return type.LastIndexOf('*') == star && words is ["char"] ? TargetTypeKind.CharPointer : TargetTypeKind.Pointer;
        return words switch
        {
            [] or ["struct", ..] or ["union", ..] or ["float"] or [.., "double"] => TargetTypeKind.Other,
            ["char"] => TargetTypeKind.Character,
            ["enum", ..] => TargetTypeKind.Signed,
            ["unsigned", ..] => TargetTypeKind.Unsigned,
            ["bool"] or ["_Bool"] or ["size_t"] or ["hwaddr"] or ["uintptr_t"] or ["dma_addr_t"] or ["ram_addr_t"] => TargetTypeKind.Unsigned,
            ["ssize_t"] or ["off_t"] or ["intptr_t"] or ["time_t"] or ["pid_t"] => TargetTypeKind.Signed,
            [var name] when name.StartsWith("uint", StringComparison.Ordinal) && name.EndsWith("_t", StringComparison.Ordinal) => TargetTypeKind.Unsigned,
            [var name] when name.StartsWith("int", StringComparison.Ordinal) && name.EndsWith("_t", StringComparison.Ordinal) => TargetTypeKind.Signed,
            _ when words.All(static word => word is "signed" or "int" or "short" or "long" or "char") => TargetTypeKind.Signed,
            _ => TargetTypeKind.Other,
        };
    }
}
