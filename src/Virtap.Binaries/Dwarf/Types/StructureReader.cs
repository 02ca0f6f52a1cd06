using Virtap.Binaries.Dwarf.Entries;
using Virtap.Binaries.Dwarf.Forms;
using Virtap.Binaries.Types;

namespace Virtap.Binaries.Dwarf.Types;

/// <summary>What the entries in a structure's say that it holds.</summary>
internal sealed class StructureReader
{
    private const int MaxMembers = 1 << 16, BitsOfByte = 8;

    private readonly TypeReader _types;
    private readonly bool _isClass;
    private readonly string _name;
    private readonly List<StructureMember> _members = [];
    private readonly List<StaticMember> _statics = [];
    private readonly List<StructureMethod> _methods = [];

    /// <summary>Reads a definition.</summary>
    public StructureReader(TypeReader types, DwarfEntry entry)
    {
        (_types, _isClass, _name) = (types, entry.Tag == DwarfTag.ClassType, entry.Name.Split('<')[0]);
        foreach (DwarfEntry child in entry.Children)
        {
            if (_members.Count + _statics.Count + _methods.Count < MaxMembers)
                Add(child);
        }
    }

    public IReadOnlyList<StructureMember> Members => _members;

    public IReadOnlyList<StaticMember> Statics => _statics;

    public IReadOnlyList<StructureMethod> Methods => _methods;

    private void Add(DwarfEntry child)
    {
        switch (child.Tag)
        {
            // DWARF 5 has static members as variables, DWARF 4 as members that are declared.
            case DwarfTag.Variable:
            case DwarfTag.Member when child.Has(DwarfAttribute.External) || child.Has(DwarfAttribute.Declaration):
                _statics.Add(new StaticMember(child.Name, _types.TypeOf(child), _members.Count, AccessOf(child)));
                break;
            case DwarfTag.Member or DwarfTag.Inheritance when ReadMember(child) is { } member:
                _members.Add(member);
                break;
            case DwarfTag.Subprogram when !child.Has(DwarfAttribute.Artificial) && child.Name.Length > 0:
                _methods.Add(ReadMethod(child));
                break;
        }
    }

    /// <summary>A member; null for one whose place depends on the object: a virtual base.</summary>
    private StructureMember? ReadMember(DwarfEntry entry)
    {
        CType type = _types.TypeOf(entry);
        string name = entry.Name;
        bool isBase = entry.Tag == DwarfTag.Inheritance;
        long? bits = entry.Find(DwarfAttribute.BitSize)?.Constant;
        if (OffsetOf(entry) is not long offset)
            return null;
        if (entry.Find(DwarfAttribute.DataBitOffset)?.Constant is long first)
            offset = first;
        else if (bits is long count && entry.Find(DwarfAttribute.BitOffset)?.SignedConstant is long fromEnd)
            offset += ((entry.Find(DwarfAttribute.ByteSize)?.Constant ?? type.Size ?? 0) * BitsOfByte) - fromEnd - count;
        return new StructureMember(
            name.Length > 0 && !isBase ? name : null, type, offset, bits is > 0 and <= 128 ? (int)bits : null, isBase)
        {
            Access = AccessOf(entry),
            IsArtificial = entry.Has(DwarfAttribute.Artificial),
        };
    }

    private StructureMethod ReadMethod(DwarfEntry entry)
    {
        string name = entry.Name;
        DwarfEntry? self = null;
        foreach (DwarfEntry child in entry.Children)
        {
            if (child.Tag == DwarfTag.FormalParameter && child.Has(DwarfAttribute.Artificial))
                self ??= child;
        }

        // "this" is a constant pointer to the class, or to a constant of it.
        CType? pointed = self is { } parameter && _types.TypeOf(parameter) is var type
            ? ((type is QualifiedType qualified ? qualified.Type : type) as PointerType)?.Target : null;
        return new StructureMethod(name, (FunctionType)_types.Read(entry), AccessOf(entry))
        {
            IsStatic = self is null,
            IsVirtual = entry.Find(DwarfAttribute.Virtuality)?.Constant is > 0,
            IsConst = pointed is QualifiedType { Qualifiers: "const" },
            HasNoResult = name == _name || name.StartsWith('~'),
        };
    }

    private MemberAccess AccessOf(DwarfEntry entry) => entry.Find(DwarfAttribute.Accessibility)?.Constant switch
    {
        1 => MemberAccess.Public,
        2 => MemberAccess.Protected,
        3 => MemberAccess.Private,
        _ => _isClass ? MemberAccess.Private : MemberAccess.Public,
    };

    /// <summary>Bits from the start of the structure; null where they depend on the object.</summary>
    private static long? OffsetOf(DwarfEntry member)
    {
        if (member.Find(DwarfAttribute.DataMemberLocation) is not { } place)
            return 0;
        if (place.Constant is long bytes)
            return bytes * BitsOfByte;
        // DWARF 2: an expression, which adds a constant to the structure's address.
        if (!place.IsBlock || place.Bytes is not [(byte)DwarfOperation.PlusConstant, ..])
            return null;
        return (long)new DwarfReader(place.Bytes, 1).Unsigned() * BitsOfByte;
    }
}
