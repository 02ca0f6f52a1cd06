using Virtap.Binaries.Dwarf.Entries;
using Virtap.Binaries.Dwarf.Forms;
using Virtap.Binaries.Types;

namespace Virtap.Binaries.Dwarf;

/// <summary>What is listed of the names in debug information.</summary>
public enum DeclarationKind
{
    /// <summary>Functions that have code of their own.</summary>
    Function,

    /// <summary>Variables of files.</summary>
    Variable,

    /// <summary>Structures, unions, enumerations, typedefs and base types.</summary>
    Type,
}

/// <summary>A name in debug information, and where it is declared.</summary>
/// <param name="Name">The name; in C++ with those of what it belongs to.</param>
/// <param name="File">The source file as debuggers print it: the one that declares it, or that was compiled.</param>
/// <param name="Line">The line; 0 for what no file declares.</param>
/// <param name="Type">Its type, or the type that it is.</param>
/// <param name="IsStatic">Whether it is its file's own.</param>
/// <param name="IsType">Whether it is a type.</param>
/// <param name="IsTypedef">Whether it is another name for a type.</param>
public sealed record DebugDeclaration(string Name, string File, int Line, CType Type, bool IsStatic, bool IsType, bool IsTypedef);

/// <summary>Lists of what there is.</summary>
public sealed partial class DebugInfo
{
    /// <summary>All that is defined, in the order of the file; what several files declare alike, each time.</summary>
    /// <param name="kind">What is listed.</param>
    /// <param name="isMeant">Which names.</param>
    public IEnumerable<DebugDeclaration> Declarations(DeclarationKind kind, Func<string, bool> isMeant)
    {
        NamedKind[] kinds = kind switch
        {
            DeclarationKind.Function => [NamedKind.Function],
            DeclarationKind.Variable => [NamedKind.Variable],
            _ => [NamedKind.Structure, NamedKind.Enumeration, NamedKind.Type],
        };
        foreach (DwarfEntry entry in kinds.SelectMany(_names.Value.All).OrderBy(static each => each.Offset))
        {
            string name = ScopeNames.Qualify(entry);
            if (name.Length == 0 || !isMeant(name) || entry.Has(DwarfAttribute.Declaration)
                || (kind == DeclarationKind.Function && RangeLists.EntryOf(entry) is not > 0)
                || (kind == DeclarationKind.Variable && !IsKept(entry)))
                continue;
            bool isType = kind == DeclarationKind.Type;
            int line = (int)Math.Clamp(entry.FindInherited(DwarfAttribute.DeclarationLine)?.Constant ?? 0, 0, int.MaxValue);
            string file = line > 0 && entry.FindInherited(DwarfAttribute.DeclarationFile) is { Constant: long number } value
                ? NameOf(entry.Unit, LinesOf(value.Unit).PathOf((int)Math.Clamp(number, 0, int.MaxValue))) : entry.Unit.Name;
            CType type = kind == DeclarationKind.Variable ? Types.TypeOf(entry) : Types.Read(entry);
            bool isStatic = !isType && entry.FindInherited(DwarfAttribute.External) is not { IsTrue: true };
            yield return new DebugDeclaration(name, file, line, type, isStatic, isType, entry.Tag == DwarfTag.Typedef);
        }
    }

    /// <summary>Whether the compiler has left a variable a place, or says its value.</summary>
    private static bool IsKept(DwarfEntry variable) =>
        variable.Find(DwarfAttribute.Location) is not null || variable.Find(DwarfAttribute.ConstValue) is not null;
}
