using Virtap.Binaries.Dwarf.Entries;
using Virtap.Binaries.Dwarf.Forms;

namespace Virtap.Binaries.Dwarf;

/// <summary>
/// The names that the units of a file define, by one pass over their outermost entries, all processors at once, or as a file has kept them.
/// Of what is only declared variables are in it.
/// </summary>
internal sealed class NameIndex
{
    private const int MaxNamespaces = 16;

    private readonly IReadOnlyList<DwarfUnit> _units;
    private readonly NameTable _table;

    private NameIndex(IReadOnlyList<DwarfUnit> units, NameTable table)
    {
        (_units, _table) = (units, table);
    }

    /// <summary>The names of units.</summary>
    /// <param name="units">The units.</param>
    /// <param name="cache">Where they may have been kept; null for nowhere.</param>
    /// <param name="identity">What they are kept under; null where nothing says whether they are still the same.</param>
    public static NameIndex Read(IReadOnlyList<DwarfUnit> units, NameCache? cache, DebugIdentity? identity)
    {
        if (identity is not null && cache?.Find(identity.BuildId, identity.Key) is { } kept)
            return new NameIndex(units, kept);
        var names = new List<Named>[units.Count];
        Parallel.For(0, units.Count, at => names[at] = new Scan(at).Read(units[at]));
        NameTable table = NameTable.Of(names, identity?.Key ?? "");
        if (identity is not null)
            cache?.Keep(identity.BuildId, table);
        return new NameIndex(units, table);
    }

    /// <summary>What has a name, in the order of the file.</summary>
    public IEnumerable<(DwarfEntry Entry, NamedKind Kind)> Find(string name)
    {
        byte[] utf8 = System.Text.Encoding.UTF8.GetBytes(name);
        uint hash = NameTable.Hash(utf8);

        // One after the other: whoever has found what was sought does not have entries of other units read.
        foreach (Named named in _table.WithHash(hash))
        {
            if (EntryOf(named) is { } entry
                && (named.Kind == NamedKind.Constant ? HasConstant(entry, utf8) : NameOf(entry).SequenceEqual(utf8)))
                yield return (entry, named.Kind);
        }
    }

    /// <summary>All of a kind, in the order of the file.</summary>
    public IEnumerable<DwarfEntry> All(NamedKind kind)
    {
        List<Named> found = [];
        foreach (Named named in _table.Names)
        {
            if (named.Kind == kind)
                found.Add(named);
        }

        found.Sort(static (one, other) => (one.Unit, one.Offset).CompareTo((other.Unit, other.Offset)));
        foreach (Named named in found)
        {
            if (EntryOf(named) is { } entry)
                yield return entry;
        }
    }

    /// <summary>The name of an entry, or of what it is an instance of.</summary>
    public static ReadOnlySpan<byte> NameOf(DwarfEntry entry) =>
        entry.FindInherited(DwarfAttribute.Name) is { } name ? name.TextUtf8 : default;

    private static bool HasConstant(DwarfEntry enumeration, ReadOnlySpan<byte> name)
    {
        foreach (DwarfEntry child in enumeration.Children)
        {
            if (child.Tag == DwarfTag.Enumerator && NameOf(child).SequenceEqual(name))
                return true;
        }

        return false;
    }

    /// <summary>The entry that has a name; null where there is none, or another, as a file may say that somebody has written.</summary>
    private DwarfEntry? EntryOf(Named named) =>
        named.Unit < _units.Count && _units[named.Unit].EntryAt((ulong)named.Offset) is { } entry && Fits(entry.Tag, named.Kind)
            ? entry : null;

    private static bool Fits(DwarfTag tag, NamedKind kind) => kind switch
    {
        NamedKind.Function => tag == DwarfTag.Subprogram,
        NamedKind.Variable or NamedKind.Declaration => tag == DwarfTag.Variable,
        NamedKind.Structure => tag is DwarfTag.StructureType or DwarfTag.UnionType or DwarfTag.ClassType,
        NamedKind.Enumeration or NamedKind.Constant => tag == DwarfTag.EnumerationType,
        NamedKind.Type => tag is DwarfTag.Typedef or DwarfTag.BaseType,
        _ => false,
    };

    /// <summary>The pass over a unit.</summary>
    private sealed class Scan(int number)
    {
        private readonly List<Named> _names = [];

        public List<Named> Read(DwarfUnit unit)
        {
            if (unit.Top is { } top)
                Visit(top, 0);
            return _names;
        }

        private void Visit(DwarfEntry parent, int depth)
        {
            foreach (DwarfEntry entry in parent.Children)
            {
                switch (entry.Tag)
                {
                    case DwarfTag.Subprogram:
                        Add(entry, NamedKind.Function);
                        break;
                    case DwarfTag.Variable:
                        Add(entry, NamedKind.Variable);
                        break;
                    case DwarfTag.StructureType or DwarfTag.UnionType or DwarfTag.ClassType:
                        Add(entry, NamedKind.Structure);
                        if (entry.Abbreviation.HasChildren && depth < MaxNamespaces && entry.Unit.IsCPlusPlus)
                            Visit(entry, depth + 1);
                        break;
                    case DwarfTag.EnumerationType:
                        Add(entry, NamedKind.Enumeration);
                        AddConstants(entry);
                        break;
                    case DwarfTag.Typedef or DwarfTag.BaseType:
                        Add(entry, NamedKind.Type);
                        break;
                    case DwarfTag.Namespace when depth < MaxNamespaces:
                        Visit(entry, depth + 1);
                        break;
                }
            }
        }

        private void AddConstants(DwarfEntry enumeration)
        {
            foreach (DwarfEntry child in enumeration.Children)
            {
                if (child.Tag == DwarfTag.Enumerator && NameOf(child) is { IsEmpty: false } name)
                    _names.Add(new Named(NameTable.Hash(name), number, NamedKind.Constant, enumeration.Offset));
            }
        }

        private void Add(DwarfEntry entry, NamedKind kind)
        {
            DwarfUnit unit = entry.Unit;
            var reader = new DwarfReader(unit.Section.Bytes, entry.Start);
            bool isDeclaration = false, hasCode = false, hasOrigin = false;
            ReadOnlySpan<byte> name = default;
            foreach (ref readonly AttributeSpec spec in entry.Abbreviation.Attributes.AsSpan())
            {
                switch (spec.Name)
                {
                    case DwarfAttribute.Name:
                        name = unit.Read(ref reader, spec).TextUtf8;
                        continue;
                    case DwarfAttribute.Declaration:
                        isDeclaration |= unit.Read(ref reader, spec).IsTrue;
                        continue;
                    case DwarfAttribute.LowPc or DwarfAttribute.Ranges or DwarfAttribute.Inline:
                        hasCode = true;
                        break;
                    case DwarfAttribute.AbstractOrigin or DwarfAttribute.Specification:
                        hasOrigin = true;
                        break;
                }

                unit.Skip(ref reader, spec.Form);
            }

            if (isDeclaration && kind == NamedKind.Variable)
                kind = NamedKind.Declaration;
            else if (isDeclaration || (kind == NamedKind.Function && !hasCode))
                return;
            if (name.IsEmpty && hasOrigin)
                name = NameOf(entry);
            if (!name.IsEmpty)
                _names.Add(new Named(NameTable.Hash(name), number, kind, entry.Offset));
        }
    }
}

/// <summary>What tells debug information from all other: the build id, and whatever else may change while that stays.</summary>
/// <param name="BuildId">In hexadecimal.</param>
/// <param name="Key">The build id too, sizes of sections, how many units there are.</param>
internal sealed record DebugIdentity(string BuildId, string Key);
