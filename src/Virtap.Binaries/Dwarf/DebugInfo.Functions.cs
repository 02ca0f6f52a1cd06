using Virtap.Binaries.Dwarf.Entries;
using Virtap.Binaries.Dwarf.Forms;
using Virtap.Binaries.Dwarf.Lines;
using Virtap.Names;

namespace Virtap.Binaries.Dwarf;

/// <summary>Functions, the places that they are inlined at, and what is at an address.</summary>
public sealed partial class DebugInfo
{
    /// <summary>Nested blocks and inlined functions are followed no further.</summary>
    private const int MaxNested = 256;

    private readonly Dictionary<DwarfUnit, ILookup<EntryKey, (DwarfEntry Entry, DwarfEntry Container)>> _inlined = [];

    private (ulong[] Starts, (ulong End, DwarfUnit Unit)[] Units)? _unitRanges;

    /// <summary>Finds functions by name: those with code of their own, and those that are inlined somewhere.</summary>
    /// <param name="name">The name, perhaps with wildcards.</param>
    /// <returns>In the order of the file; one function of several source files, or copies of a header's, each.</returns>
    public IEnumerable<DebugFunction> FindFunctions(Glob name)
    {
        IEnumerable<DwarfEntry> entries = name.IsLiteral
            ? _names.Value.Find(LastOf(name.Pattern))
                .Where(named => named.Kind == NamedKind.Function && IsNamed(named.Entry, name.Pattern)).Select(static named => named.Entry)
            : !name.Pattern.Contains("::", StringComparison.Ordinal)
                ? _names.Value.All(NamedKind.Function).Where(entry => name.IsMatch(NameIndex.NameOf(entry)))
                : _names.Value.All(NamedKind.Function).Where(entry => ScopedName.IsMatch(ScopeNames.Qualify(entry), name.Pattern));
        return entries.Select(entry => new DebugFunction(this, entry, entry));
    }

    /// <summary>The names of all functions.</summary>
    public IEnumerable<string> FunctionNames() =>
        _names.Value.All(NamedKind.Function).Select(static entry => System.Text.Encoding.UTF8.GetString(NameIndex.NameOf(entry)));

    /// <summary>The places at which a function is inlined.</summary>
    public IReadOnlyList<DebugFunction> InstancesOf(DebugFunction function)
    {
        DwarfEntry root = function.Entry.Root;
        List<DebugFunction> instances = [];
        foreach (DwarfUnit unit in _units.Value)
        {
            if (!IsSame(unit, root.Unit) && !unit.Abbreviations.RefersToOtherUnits)
                continue;
            if (!_inlined.TryGetValue(unit, out ILookup<EntryKey, (DwarfEntry Entry, DwarfEntry Container)>? inlined))
                _inlined[unit] = inlined = InlinedIn(unit);
            instances.AddRange(inlined[KeyOf(root)].Select(each => new DebugFunction(this, each.Entry, each.Container)));
        }

        return instances;
    }

    /// <summary>
    /// What runs at an address: the function that has the code, and those that are inlined there, the innermost first. Empty where nobody
    /// says.
    /// </summary>
    public IReadOnlyList<DebugFunction> FunctionsAt(ulong address)
    {
        if (UnitAt(address) is not { Top: { } top })
            return [];
        List<DebugFunction> functions = [];
        DwarfEntry? container = null;
        DwarfEntry? scope = Within(top);
        for (int depth = 0; scope is { } entry && depth < MaxNested; depth++)
        {
            if (entry.Tag == DwarfTag.Subprogram)
                container = entry;
            if (entry.Tag is DwarfTag.Subprogram or DwarfTag.InlinedSubroutine && container is { } outer)
                functions.Insert(0, new DebugFunction(this, entry, outer));
            scope = Within(entry);
        }

        return functions;

        DwarfEntry? Within(DwarfEntry parent)
        {
            foreach (DwarfEntry child in parent.Children)
            {
                bool isScope = child.Tag is DwarfTag.Subprogram or DwarfTag.InlinedSubroutine or DwarfTag.LexicalBlock;
                if ((isScope && Holds(child, address)) || (child.Tag == DwarfTag.Namespace && Within(child) is not null))
                    return child.Tag == DwarfTag.Namespace ? Within(child) : child;
            }

            return null;
        }
    }

    /// <summary>The places within a function's code at which others are inlined, but not those within these.</summary>
    public IReadOnlyList<DebugFunction> InlinedIn(DebugFunction function)
    {
        List<DebugFunction> found = [];
        Visit(function.Entry, 0);
        return found;

        void Visit(DwarfEntry parent, int depth)
        {
            foreach (DwarfEntry child in parent.Children)
            {
                if (child.Tag == DwarfTag.InlinedSubroutine)
                    found.Add(new DebugFunction(this, child, function.Container));
                else if (child.Tag == DwarfTag.LexicalBlock && depth < MaxNested)
                    Visit(child, depth + 1);
            }
        }
    }

    /// <summary>The source line that an address's code comes from; null where nobody says.</summary>
    public SourceLine? LineAt(ulong address)
    {
        if (UnitAt(address) is not { } unit)
            return null;
        LineTable lines = LinesOf(unit);
        return lines.At(address) is { Line: > 0 } row ? new SourceLine(lines.PathOf(row.File), row.Line) : null;
    }

    internal static bool Holds(DwarfEntry entry, ulong address)
    {
        foreach (AddressRange range in RangeLists.Of(entry))
        {
            if (range.Contains(address))
                return true;
        }

        return false;
    }

    internal DwarfUnit? UnitAt(ulong address)
    {
        (ulong[] starts, (ulong End, DwarfUnit Unit)[] units) = _unitRanges ??= SortUnits();
        int at = Array.BinarySearch(starts, address);
        at = at < 0 ? ~at - 1 : at;
        return at >= 0 && address < units[at].End ? units[at].Unit : null;
    }

    private (ulong[] Starts, (ulong End, DwarfUnit Unit)[] Units) SortUnits()
    {
        List<ulong> starts = [];
        List<(ulong, DwarfUnit)> units = [];
        foreach (DwarfUnit unit in _units.Value)
        {
            if ((unit.Skeleton ?? unit).Top is not { } top)
                continue;
            foreach (AddressRange range in RangeLists.Of(top))
            {
                // What the linker has thrown away is left at 0.
                if (range.Start == 0)
                    continue;
                starts.Add(range.Start);
                units.Add((range.End, unit));
            }
        }

        ulong[] keys = [.. starts];
        (ulong, DwarfUnit)[] items = [.. units];
        Array.Sort(keys, items);
        return (keys, items);
    }

    private static bool IsSame(DwarfUnit a, DwarfUnit b) => a.Offset == b.Offset && a.File == b.File && a.Section == b.Section;

    private static EntryKey KeyOf(DwarfEntry entry) => new(entry.Unit.File, entry.Unit.Section, entry.Offset);

    /// <summary>
    /// The places in a unit's code at which functions are inlined, by the function; for each the function that has the code.
    /// </summary>
    private static ILookup<EntryKey, (DwarfEntry Entry, DwarfEntry Container)> InlinedIn(DwarfUnit unit)
    {
        List<(DwarfEntry Entry, DwarfEntry Container)> found = [];
        if (unit.Top is { } top)
            Visit(top, default, 0);
        return found.ToLookup(static each => KeyOf(each.Entry.Root));

        void Visit(DwarfEntry parent, DwarfEntry container, int depth)
        {
            if (depth > MaxNested)
                return;
            foreach (DwarfEntry child in parent.Children)
            {
                switch (child.Tag)
                {
                    case DwarfTag.Subprogram when child.Abbreviation.HasChildren:
                        Visit(child, child, depth + 1);
                        break;
                    case DwarfTag.InlinedSubroutine:
                        found.Add((child, container));
                        Visit(child, container, depth + 1);
                        break;
                    case DwarfTag.LexicalBlock or DwarfTag.Namespace:
                        Visit(child, container, depth + 1);
                        break;
                }
            }
        }
    }

    /// <summary>An entry's place, whichever way led to its unit.</summary>
    private readonly record struct EntryKey(DwarfFile File, DwarfSection Section, int Offset);
}
