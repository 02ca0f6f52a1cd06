using Virtap.Binaries.Dwarf;
using Virtap.Binaries.Elf;
using Virtap.Debugging.Printing;

namespace Virtap.Debugging.Targets;

/// <summary>Names of symbols as people write them.</summary>
internal static class SymbolNames
{
    /// <summary>A function's name; in C++ with its parameters, as several may share a name.</summary>
    public static string Of(DebugFunction function)
    {
        if (!function.IsCPlusPlus)
            return InLine(function.FullName);
        var types = new TypeText(isCPlusPlus: true);
        IEnumerable<string> parameters = (function.Type.Parameters ?? []).Select(type => Canonical(types.Name(type)));
        return InLine($"{function.FullName}({string.Join(", ", parameters)})");
    }

    /// <summary>Line ends are written out: no language has them in names.</summary>
    private static string InLine(string name) => name.Replace("\n", "\\n", StringComparison.Ordinal);

    /// <summary>As those write types who decode linkers' names: <c>char const*</c>.</summary>
    private static string Canonical(string type)
    {
        const string constant = "const ";
        type = type.Replace(" *", "*", StringComparison.Ordinal).Replace(" &", "&", StringComparison.Ordinal);
        if (!type.StartsWith(constant, StringComparison.Ordinal))
            return type;
        int sign = type.AsSpan().IndexOfAny("*&");
        return sign < 0 ? type[constant.Length..] : $"{type[constant.Length..sign]} const{type[sign..]}";
    }

    /// <summary>A symbol's name; of a variable of C++ the one in the source.</summary>
    public static string Of(ElfSymbol symbol)
    {
        string name = InLine(symbol.Name);
        return name.StartsWith("_Z", StringComparison.Ordinal) ? ItaniumNames.Demangle(name) ?? name : WithoutNumber(name);
    }

    /// <summary>A static variable of a function, which compilers number: <c>counter.0</c>.</summary>
    private static string WithoutNumber(string name)
    {
        int dot = name.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && dot + 1 < name.Length && name.AsSpan(dot + 1).IndexOfAnyExceptInRange('0', '9') < 0 ? name[..dot] : name;
    }
}
