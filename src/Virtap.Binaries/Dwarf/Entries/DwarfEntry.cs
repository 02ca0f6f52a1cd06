using Virtap.Binaries.Dwarf.Forms;

namespace Virtap.Binaries.Dwarf.Entries;

/// <summary>
/// An entry of debug information (DIE): a function, a variable, a type. A place in the file; nothing of it has been read.
/// </summary>
/// <param name="Unit">The unit that it is in.</param>
/// <param name="Offset">Its place in the unit's section.</param>
/// <param name="Abbreviation">Its shape.</param>
/// <param name="Start">Where its attributes begin.</param>
internal readonly record struct DwarfEntry(DwarfUnit Unit, int Offset, Abbreviation Abbreviation, int Start)
{
    /// <summary>Chains of entries that stand for each other are followed no further.</summary>
    private const int MaxOrigins = 8;

    /// <summary>What it is.</summary>
    public DwarfTag Tag => Abbreviation.Tag;

    /// <summary>
    /// Its own name; empty where it has none. No language has line ends in names; those of one who forges lines of what is shown are
    /// written out.
    /// </summary>
    public string Name => Find(DwarfAttribute.Name)?.Text.Replace("\n", "\\n", StringComparison.Ordinal) ?? "";

    /// <summary>The value of an attribute of its own.</summary>
    public DwarfValue? Find(DwarfAttribute name)
    {
        AttributeSpec[] specs = Abbreviation.Attributes;
        int index = 0;
        while (index < specs.Length && specs[index].Name != name)
            index++;
        if (index == specs.Length)
            return null;
        var reader = new DwarfReader(Unit.Section.Bytes, Start);
        for (int before = 0; before < index; before++)
            Unit.Skip(ref reader, specs[before].Form);
        return Unit.Read(ref reader, specs[index]);
    }

    /// <summary>Whether a flag is set.</summary>
    public bool Has(DwarfAttribute name) => Find(name) is { IsTrue: true };

    /// <summary>The value of an attribute, of its own or of the entry that it is an instance or the definition of.</summary>
    public DwarfValue? FindInherited(DwarfAttribute name)
    {
        DwarfEntry entry = this;
        for (int step = 0; step < MaxOrigins; step++)
        {
            if (entry.Find(name) is { } value)
                return value;
            if (entry.Origin is not { } origin)
                return null;
            entry = origin;
        }

        return null;
    }

    /// <summary>The entry that it is an instance of, or that declares it.</summary>
    public DwarfEntry? Origin => (Find(DwarfAttribute.AbstractOrigin) ?? Find(DwarfAttribute.Specification))?.Entry;

    /// <summary>The entry that it stands for in the end: an instance of an inlined function leads to that function.</summary>
    public DwarfEntry Root
    {
        get
        {
            DwarfEntry entry = this;
            for (int step = 0; step < MaxOrigins && entry.Origin is { } origin; step++)
                entry = origin;
            return entry;
        }
    }

    /// <summary>Its type; null for void.</summary>
    public DwarfEntry? Type => FindInherited(DwarfAttribute.Type)?.Entry;

    /// <summary>The entries that belong to it.</summary>
    public DwarfChildren Children => new(Unit, Abbreviation.HasChildren ? End : -1);

    /// <summary>Behind its attributes.</summary>
    public int End
    {
        get
        {
            if (Abbreviation.FixedSize >= 0)
                return Start + Abbreviation.FixedSize;
            var reader = new DwarfReader(Unit.Section.Bytes, Start);
            foreach (ref readonly AttributeSpec spec in Abbreviation.Attributes.AsSpan())
                Unit.Skip(ref reader, spec.Form);
            return reader.Position;
        }
    }

    /// <summary>Behind it and all that belongs to it.</summary>
    public int Next
    {
        get
        {
            if (!Abbreviation.HasChildren)
                return End;
            if (Find(DwarfAttribute.Sibling) is { Form: not DwarfForm.ReferenceAddress, Number: var distance }
                && (ulong)Unit.Offset + distance is var next && next > (ulong)Start && next <= (ulong)Unit.End)
                return (int)next;

            // Each step goes on by a byte at least, so that damaged units end too.
            int depth = 1, at = End;
            while (depth > 0 && at < Unit.End)
            {
                if (Unit.TryEntry(at, out DwarfEntry inner, out int behindCode))
                {
                    if (inner.Abbreviation.HasChildren)
                        depth++;
                    at = inner.End;
                }
                else
                {
                    depth--;
                    at = behindCode;
                }
            }

            return at;
        }
    }
}

/// <summary>Entries that belong to one, in order.</summary>
internal struct DwarfChildren(DwarfUnit unit, int start)
{
    private int _next = start;

    /// <summary>The entry.</summary>
    public DwarfEntry Current { get; private set; }

    /// <summary>For <c>foreach</c>.</summary>
    public readonly DwarfChildren GetEnumerator() => this;

    /// <summary>To the next entry, if there is one.</summary>
    public bool MoveNext()
    {
        if (_next < 0)
            return false;
        if (Current.Unit is not null)
            _next = Current.Next;
        if (_next >= unit.End || !unit.TryEntry(_next, out DwarfEntry entry, out _))
        {
            _next = -1;
            return false;
        }

        Current = entry;
        return true;
    }
}
