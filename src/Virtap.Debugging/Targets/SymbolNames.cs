using Virtap.Binaries.Elf;

namespace Virtap.Debugging.Targets;

/// <summary>Names of symbols as people write them.</summary>
internal static class SymbolNames
{
    /// <summary>
    /// The name of a symbol: of a C++ function, which linkers know by an encoded name, what debug information calls it, with its
    /// parameters.
    /// </summary>
    public static string Demangle(LoadedImage image, ElfSymbol symbol)
    {
        string name = symbol.Name;
        if (!name.StartsWith("_Z", StringComparison.Ordinal))
            return WithoutNumber(name);
        if (symbol.Kind == ElfSymbolKind.Function && image.Debug?.FunctionsAt(symbol.Address) is [.., var function])
        {
            var text = new System.Text.StringBuilder(function.FullName).Append('(');
            text.AppendJoin(", ", (function.Type.Parameters ?? []).Select(type => new Printing.TypeText(isCPlusPlus: true).Name(type)));
            return text.Append(')').ToString();
        }

        return ItaniumNames.Demangle(name) ?? name;
    }

    /// <summary>A static variable of a function, which compilers number: <c>counter.0</c>.</summary>
    private static string WithoutNumber(string name)
    {
        int dot = name.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && dot + 1 < name.Length && name.AsSpan(dot + 1).IndexOfAnyExceptInRange('0', '9') < 0 ? name[..dot] : name;
    }
}
