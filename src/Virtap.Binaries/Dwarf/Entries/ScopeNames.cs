using System.Runtime.CompilerServices;
using Virtap.Binaries.Dwarf.Forms;

namespace Virtap.Binaries.Dwarf.Entries;

/// <summary>
/// The full names of what C++ defines within namespaces and classes: <c>space::Class::member</c>. Entries do not say what they belong to:
/// a unit's namespaces and classes are gone through once, when a name of it is first asked for.
/// </summary>
internal sealed class ScopeNames
{
    private const int MaxNested = 16;
    private const string Anonymous = "(anonymous namespace)";

    private static readonly ConditionalWeakTable<DwarfUnit, ScopeNames> s_units = [];

    private readonly List<(int Start, int End, string Name)> _scopes = [];

    private ScopeNames(DwarfUnit unit)
    {
        if (unit.Top is { } top)
            Visit(top, "", 0);
    }

    /// <summary>The name of an entry with those of what it belongs to; empty where it has none of its own.</summary>
    public static string Qualify(DwarfEntry entry)
    {
        string name = entry.Name;
        DwarfEntry declared = entry;
        for (int step = 0; step < MaxNested && declared.Origin is { } origin; step++)
        {
            declared = origin;
            name = name.Length > 0 ? name : origin.Name;
        }

        if (name.Length == 0 || !declared.Unit.IsCPlusPlus)
            return name;
        string scope = s_units.GetValue(declared.Unit, static unit => new ScopeNames(unit)).ScopeOf(declared.Offset);
        return scope.Length > 0 ? $"{scope}::{name}" : name;
    }

    private string ScopeOf(int offset)
    {
        // Scopes are in the order of the file, outer ones first: the last that holds it is the innermost.
        string scope = "";
        foreach ((int start, int end, string name) in _scopes)
        {
            if (start >= offset)
                break;
            if (offset < end)
                scope = name;
        }

        return scope;
    }

    private void Visit(DwarfEntry parent, string prefix, int depth)
    {
        foreach (DwarfEntry child in parent.Children)
        {
            bool isSpace = child.Tag == DwarfTag.Namespace;
            bool isClass = child.Tag is DwarfTag.StructureType or DwarfTag.ClassType or DwarfTag.UnionType
                || (child.Tag == DwarfTag.EnumerationType && child.Has(DwarfAttribute.EnumClass));
            if ((!isSpace && !isClass) || !child.Abbreviation.HasChildren || depth == MaxNested)
                continue;
            string own = child.Name is { Length: > 0 } name ? name : isSpace ? Anonymous : "";
            if (own.Length == 0)
                continue;
            string full = prefix.Length > 0 ? $"{prefix}::{own}" : own;
            _scopes.Add((child.Offset, child.Next, full));
            Visit(child, full, depth + 1);
        }
    }
}
