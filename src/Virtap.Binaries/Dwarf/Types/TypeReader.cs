using System.Collections.Concurrent;
using Virtap.Binaries.Dwarf.Entries;
using Virtap.Binaries.Dwarf.Forms;
using Virtap.Binaries.Types;

namespace Virtap.Binaries.Dwarf.Types;

/// <summary>Makes C types of entries, each once. What structures hold is read when somebody asks for it.</summary>
/// <param name="findDefinition">Finds the definition of a structure that a unit only declares; null where there is none.</param>
/// <param name="declaredAt">Says where an entry is declared, as file:line; null where nobody knows.</param>
internal sealed class TypeReader(Func<DwarfEntry, DwarfEntry?> findDefinition, Func<DwarfEntry, string?> declaredAt)
{
    private const int MaxDepth = 64, MaxParameters = 1 << 16;
    private const int Boolean = 2, Complex = 3, Floating = 4, SignedInteger = 5, SignedCharacter = 6;

    private static readonly VoidType s_void = new();

    private readonly ConcurrentDictionary<(DwarfFile File, DwarfSection Section, int Offset), CType> _types = new();

    /// <summary>The type of a variable, a member, a function's result: void where the entry has none.</summary>
    public CType TypeOf(DwarfEntry entry) => TypeOf(entry, 0);

    /// <summary>The type that an entry describes.</summary>
    public CType Read(DwarfEntry entry) => Read(entry, 0);

    /// <summary>The type of a variable whose arrays may be as long as the program finds when it runs.</summary>
    /// <param name="entry">The variable.</param>
    /// <param name="count">How many elements there are now, of a range; null where nobody knows.</param>
    public CType TypeOf(DwarfEntry entry, Func<DwarfEntry, long?> count) =>
        entry.Type is { } type ? WithCounts(type, count, 0) : s_void;

    private CType WithCounts(DwarfEntry entry, Func<DwarfEntry, long?> count, int depth)
    {
        const int maxIndirections = 8;
        CType known = Read(entry, 0);
        if (depth > maxIndirections || entry.Type is not { } inner)
            return known;
        return known switch
        {
            PointerType pointer when depth < maxIndirections && WithCounts(inner, count, depth + 1) is var to && to != pointer.Target =>
                pointer with { Target = to },
            QualifiedType qualified when WithCounts(inner, count, depth + 1) is var of && of != qualified.Type =>
                qualified with { Type = of },
            TypedefType typedef when WithCounts(inner, count, depth + 1) is var of && of != typedef.Target => typedef with { Target = of },
            ArrayType => MakeArray(entry, WithCounts(inner, count, depth + 1), count),
            _ => known,
        };
    }

    private CType TypeOf(DwarfEntry entry, int depth) => entry.Type is { } type ? Read(type, depth + 1) : s_void;

    private CType Read(DwarfEntry entry, int depth)
    {
        // Only damaged files have types that are made of themselves.
        if (depth > MaxDepth)
            return new TypedefType("<unknown>", null);
        var key = (entry.Unit.File, entry.Unit.Section, entry.Offset);
        if (!_types.TryGetValue(key, out CType? type))
            type = _types.GetOrAdd(key, Make(entry, depth));
        return type;
    }

    private CType Make(DwarfEntry entry, int depth)
    {
        switch (entry.Tag)
        {
            case DwarfTag.BaseType:
                return MakeBase(entry);
            case DwarfTag.PointerType:
                return new PointerType(TypeOf(entry, depth));
            case DwarfTag.ReferenceType:
                return new PointerType(TypeOf(entry, depth)) { Kind = PointerKind.Reference };
            case DwarfTag.RvalueReferenceType:
                return new PointerType(TypeOf(entry, depth)) { Kind = PointerKind.RvalueReference };
            case DwarfTag.ConstType:
                return new QualifiedType("const", TypeOf(entry, depth));
            case DwarfTag.VolatileType:
                return new QualifiedType("volatile", TypeOf(entry, depth));
            case DwarfTag.RestrictType:
                return new QualifiedType("restrict", TypeOf(entry, depth));
            case DwarfTag.AtomicType:
                return new QualifiedType("_Atomic", TypeOf(entry, depth));
            case DwarfTag.Typedef:
                return new TypedefType(ScopeNames.Qualify(entry), TypeOf(entry, depth));
            case DwarfTag.StructureType or DwarfTag.ClassType or DwarfTag.UnionType:
                return MakeStructure(entry);
            case DwarfTag.EnumerationType:
                return MakeEnumeration(entry, depth);
            case DwarfTag.ArrayType:
                return MakeArray(entry, TypeOf(entry, depth), static _ => null);
            case DwarfTag.SubroutineType or DwarfTag.Subprogram:
                return MakeFunction(entry, depth);
            default:
                return new TypedefType(entry.Name is { Length: > 0 } name ? name : "<unknown>", null);
        }
    }

    private static CType MakeBase(DwarfEntry entry)
    {
        string name = entry.Name;
        int bytes = (int)Math.Clamp(entry.Find(DwarfAttribute.ByteSize)?.Constant ?? 0, 0, 32);
        return entry.Find(DwarfAttribute.Encoding)?.Constant switch
        {
            Floating => new FloatingType(name, bytes),
            Boolean => new IntegerType(name, bytes, IsSigned: false),
            Complex => new FloatingType(name, bytes) { IsComplex = true },
            SignedInteger or SignedCharacter => new IntegerType(name, bytes, IsSigned: true),
            _ => new IntegerType(name, bytes, IsSigned: false),
        };
    }

    private StructureType MakeStructure(DwarfEntry entry)
    {
        string name = ScopeNames.Qualify(entry);
        DwarfEntry? type = entry;
        if (entry.Find(DwarfAttribute.Signature)?.Entry is { } elsewhere)
        {
            type = elsewhere;
            name = ScopeNames.Qualify(elsewhere);
        }

        return new StructureType(
            entry.Tag == DwarfTag.UnionType, name.Length > 0 ? name : null, new StructureDefinition(() => ContentsOf(type.Value)))
        {
            IsClass = entry.Tag == DwarfTag.ClassType,
        };
    }

    private StructureContents? ContentsOf(DwarfEntry entry)
    {
        if (entry.Has(DwarfAttribute.Declaration))
        {
            if (findDefinition(entry) is not { } definition)
                return null;
            entry = definition;
        }

        var contents = new StructureReader(this, entry);
        return new StructureContents(entry.Find(DwarfAttribute.ByteSize)?.Constant ?? 0, contents.Members)
        {
            Statics = contents.Statics,
            Methods = contents.Methods,
            DeclaredAt = declaredAt(entry),
        };
    }

    private EnumerationType MakeEnumeration(DwarfEntry entry, int depth)
    {
        DwarfEntry of = entry.Find(DwarfAttribute.Signature)?.Entry ?? entry;
        string name = ScopeNames.Qualify(of);
        IntegerType? values = of.Type is { } underlying && Read(underlying, depth + 1).Underlying is IntegerType integer ? integer
            : of.Find(DwarfAttribute.ByteSize)?.Constant is > 0 and <= 16 and long bytes
                ? new IntegerType("unsigned int", (int)bytes, IsSigned: HasNegative(of)) : null;
        bool isSigned = values?.IsSigned == true;
        return new EnumerationType(
            name.Length > 0 ? name : null, values, new EnumerationDefinition(() => [.. ConstantsOf(of, isSigned)]))
        {
            IsScoped = of.Has(DwarfAttribute.EnumClass),
        };
    }

    private static bool HasNegative(DwarfEntry entry)
    {
        foreach (DwarfEntry child in entry.Children)
        {
            if (child.Find(DwarfAttribute.ConstValue) is { Form: DwarfForm.SignedData, Constant: < 0 })
                return true;
        }

        return false;
    }

    private static List<EnumerationConstant> ConstantsOf(DwarfEntry entry, bool isSigned)
    {
        List<EnumerationConstant> constants = [];
        foreach (DwarfEntry child in entry.Children)
        {
            if (child.Tag == DwarfTag.Enumerator && child.Find(DwarfAttribute.ConstValue) is { } value)
                constants.Add(new EnumerationConstant(ScopeNames.Qualify(child), (isSigned ? value.SignedConstant : value.Constant) ?? 0));
        }

        return constants;
    }

    private static CType MakeArray(DwarfEntry entry, CType type, Func<DwarfEntry, long?> count)
    {
        const int maxDimensions = 16;
        List<long?> counts = [];
        foreach (DwarfEntry child in entry.Children)
        {
            if (child.Tag == DwarfTag.SubrangeType && counts.Count < maxDimensions)
                counts.Add(CountOf(child) ?? count(child));
        }

        for (int dimension = counts.Count - 1; dimension >= 0; dimension--)
            type = new ArrayType(type, counts[dimension]) { IsVector = dimension == 0 && entry.Has(DwarfAttribute.GnuVector) };
        return counts.Count == 0 ? new ArrayType(type, null) : type;
    }

    private static long? CountOf(DwarfEntry subrange)
    {
        if (subrange.Find(DwarfAttribute.Count)?.Constant is long count)
            return count;
        // Arrays of no elements are said to end before they begin: -1, in as many bytes as there are.
        return subrange.Find(DwarfAttribute.UpperBound) is { Constant: long last } bound
            ? (bound.Form, last) is (DwarfForm.Data4, uint.MaxValue) or (DwarfForm.Data8 or DwarfForm.SignedData, -1) ? 0 : last + 1
            : null;
    }

    private FunctionType MakeFunction(DwarfEntry entry, int depth)
    {
        List<CType> parameters = [];
        bool isVariadic = false;
        foreach (DwarfEntry child in entry.Children)
        {
            bool isMeant = child.Tag == DwarfTag.FormalParameter && parameters.Count < MaxParameters;
            if (isMeant && !child.Has(DwarfAttribute.Artificial))
                parameters.Add(TypeOf(child, depth));
            isVariadic |= child.Tag == DwarfTag.UnspecifiedParameters;
        }

        bool isDeclared = parameters.Count > 0 || isVariadic || entry.FindInherited(DwarfAttribute.Prototyped) is { IsTrue: true };
        return new FunctionType(TypeOf(entry, depth), isDeclared ? parameters : null, isVariadic);
    }
}
