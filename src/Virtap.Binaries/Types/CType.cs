namespace Virtap.Binaries.Types;

/// <summary>
/// A type of C on 64-bit Linux, whoever knows it: declarations of trace events, the sizes in SDT notes, DWARF and recovered layouts fill
/// this model. Compared by value; of structures only those with one definition are equal, so that a type may hold pointers to itself.
/// <see cref="ToString"/> writes it as C does: <c>const char *</c>.
/// </summary>
public abstract record CType
{
    private protected CType()
    {
    }

    /// <summary>Bytes of a value; null where nobody can say: void, a structure that is only declared, an array without bounds.</summary>
    public abstract long? Size { get; }

    /// <summary>What it is behind typedefs and qualifiers.</summary>
    public virtual CType Underlying => this;

    /// <summary>Bytes and sign of a value that is a whole number, an address included; null for the others.</summary>
    public (int Size, bool IsSigned)? Number => Underlying switch
    {
        IntegerType integer => (integer.Bytes, integer.IsSigned),
        EnumerationType { Values: { } values } => (values.Bytes, values.IsSigned),
        PointerType => (PointerType.Bytes, false),
        _ => null,
    };

    /// <summary>As C writes it.</summary>
    public sealed override string ToString() => Text;

    private protected abstract string Text { get; }
}

/// <summary>void.</summary>
public sealed record VoidType : CType
{
    /// <inheritdoc/>
    public override long? Size => null;

    private protected override string Text => "void";
}

/// <summary>A whole number, <c>char</c> and <c>_Bool</c> included.</summary>
/// <param name="Name">
/// As it is declared (<c>unsigned int</c>); null where only size and sign are known: of such a one scripts see what fits a <c>long</c>.
/// </param>
/// <param name="Bytes">1, 2, 4, 8 or 16.</param>
/// <param name="IsSigned">Whether it has a sign.</param>
public sealed record IntegerType(string? Name, int Bytes, bool IsSigned) : CType
{
    /// <inheritdoc/>
    public override long? Size => Bytes;

    /// <summary>Whether values are true and false.</summary>
    public bool IsBoolean => Name is "bool" or "_Bool";

    /// <summary>Whether values are characters rather than small numbers: <c>char</c>, with or without a sign.</summary>
    public bool IsCharacter => Name is "char" or "unsigned char" or "signed char";

    private protected override string Text => Name ?? "long";
}

/// <summary>A floating-point number, or a complex one: two of them, each of half the size.</summary>
public sealed record FloatingType(string Name, int Bytes) : CType
{
    /// <summary>Whether it has a real and an imaginary part.</summary>
    public bool IsComplex { get; init; }

    /// <inheritdoc/>
    public override long? Size => Bytes;

    private protected override string Text => Name;
}

/// <summary>What an address stands for.</summary>
public enum PointerKind : byte
{
    /// <summary>Itself.</summary>
    Pointer,

    /// <summary>What is there: C++'s <c>&amp;</c>.</summary>
    Reference,

    /// <summary>What is there: C++'s <c>&amp;&amp;</c>.</summary>
    RvalueReference,
}

/// <summary>An address of something.</summary>
public sealed record PointerType(CType Target) : CType
{
    /// <summary>Whether it is a pointer or a reference.</summary>
    public PointerKind Kind { get; init; }

    /// <summary>Bytes of every address.</summary>
    public const int Bytes = 8;

    /// <inheritdoc/>
    public override long? Size => Bytes;

    private string Sign => Kind switch
    {
        PointerKind.Pointer => "*",
        PointerKind.Reference => "&",
        PointerKind.RvalueReference => "&&",
    };

    private protected override string Text => Target is FunctionType function ? function.Around($"({Sign})")
        : Target.ToString() is var target && target.EndsWith('*') ? target + Sign : $"{target} {Sign}";
}

/// <summary>Elements one after the other.</summary>
/// <param name="Element">Their type.</param>
/// <param name="Count">How many; null where that is not said (<c>int values[]</c>).</param>
public sealed record ArrayType(CType Element, long? Count) : CType
{
    /// <summary>Whether it is a vector, which a processor's wide registers hold.</summary>
    public bool IsVector { get; init; }

    /// <inheritdoc/>
    public override long? Size => Count * Element.Size;

    private protected override string Text => $"{Element} [{Count}]";
}

/// <summary>A function, which is met behind a pointer.</summary>
/// <param name="Result">What it returns.</param>
/// <param name="Parameters">What it takes; null where that is not said.</param>
/// <param name="IsVariadic">Whether more may follow.</param>
public sealed record FunctionType(CType Result, IReadOnlyList<CType>? Parameters, bool IsVariadic) : CType
{
    /// <inheritdoc/>
    public override long? Size => null;

    /// <inheritdoc/>
    public bool Equals(FunctionType? other) => other is not null && Result == other.Result && IsVariadic == other.IsVariadic
        && (Parameters is null ? other.Parameters is null : other.Parameters is not null && Parameters.SequenceEqual(other.Parameters));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Result, Parameters?.Count, IsVariadic);

    /// <summary>As C writes it around a name, or around the star of a pointer to it.</summary>
    internal string Around(string declarator)
    {
        IEnumerable<string> parameters = (Parameters ?? []).Select(static each => each.ToString());
        string list = string.Join(", ", IsVariadic ? parameters.Append("...") : parameters);
        return $"{Result} {declarator}({(list.Length == 0 && Parameters is not null ? "void" : list)})";
    }

    private protected override string Text => Around("");
}

/// <summary><c>struct</c>, <c>union</c> or C++'s <c>class</c>.</summary>
/// <param name="IsUnion">Whether all members lie at the start.</param>
/// <param name="Tag">Its tag; null for an anonymous one.</param>
/// <param name="Definition">What it holds; null where it is only declared.</param>
public sealed record StructureType(bool IsUnion, string? Tag, StructureDefinition? Definition = null) : CType
{
    /// <summary>Whether it was declared as a class.</summary>
    public bool IsClass { get; init; }

    /// <inheritdoc/>
    public override long? Size => Definition?.Bytes;

    private protected override string Text => $"{(IsUnion ? "union" : IsClass ? "class" : "struct")} {Tag ?? "{...}"}";
}

/// <summary>What a structure is found to hold.</summary>
/// <param name="Bytes">Its size; null where that is not known.</param>
/// <param name="Members">The members in order.</param>
public sealed record StructureContents(long? Bytes, IReadOnlyList<StructureMember> Members)
{
    /// <summary>Members that no object has for itself, in order.</summary>
    public IReadOnlyList<StaticMember> Statics { get; init; } = [];

    /// <summary>Member functions, in order.</summary>
    public IReadOnlyList<StructureMethod> Methods { get; init; } = [];

    /// <summary>Members that it has, and whose place is not known.</summary>
    public IReadOnlyList<string> Missing { get; init; } = [];

    /// <summary>Where it is declared, <c>file:line</c>; null where nobody says.</summary>
    public string? DeclaredAt { get; init; }
}

/// <summary>Who may use a member of a class.</summary>
public enum MemberAccess : byte
{
    Public = 1,
    Protected = 2,
    Private = 3,
}

/// <summary>A member that no object has for itself.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type.</param>
/// <param name="Before">How many of the members stand before it.</param>
/// <param name="Access">Who may use it.</param>
public sealed record StaticMember(string Name, CType Type, int Before, MemberAccess Access);

/// <summary>A member function.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type; parameters that the compiler adds (<c>this</c>) are left out.</param>
/// <param name="Access">Who may use it.</param>
public sealed record StructureMethod(string Name, FunctionType Type, MemberAccess Access)
{
    /// <summary>Whether it has no object.</summary>
    public bool IsStatic { get; init; }

    /// <summary>Whether an object's own class says which function it is.</summary>
    public bool IsVirtual { get; init; }

    /// <summary>Whether it leaves its object as it is.</summary>
    public bool IsConst { get; init; }

    /// <summary>Whether it has no result of its own: a constructor, a destructor.</summary>
    public bool HasNoResult { get; init; }
}

/// <summary>
/// A structure's members, which are asked for when somebody needs them: they may lead back to it, or have to be sought. Compared by
/// identity.
/// </summary>
/// <param name="contents">Gives what it holds; null where nobody knows after all.</param>
public sealed class StructureDefinition(Func<StructureContents?> contents)
{
    /// <summary>Anonymous structures in anonymous structures are followed no further.</summary>
    private const int MaxNested = 32;

    private readonly Lazy<StructureContents?> _contents = new(contents);

    /// <summary>A definition whose size is known.</summary>
    /// <param name="bytes">Its size.</param>
    /// <param name="members">Gives the members in order.</param>
    public StructureDefinition(long bytes, Func<IReadOnlyList<StructureMember>> members)
        : this(() => new StructureContents(bytes, members()))
    {
    }

    /// <summary>Whether it may have more members than are known: it was recovered from a program's code.</summary>
    public bool IsPartial { get; init; }

    /// <summary>Of one that was recovered: members that it has, and whose place was not found.</summary>
    public IReadOnlyList<string> Missing => _contents.Value?.Missing ?? [];

    /// <summary>Whether there is a definition; otherwise it has turned out to be only declared.</summary>
    public bool IsKnown => _contents.Value is not null;

    /// <summary>Its size; null where it is not known.</summary>
    public long? Bytes => _contents.Value?.Bytes;

    /// <summary>Where it is declared, <c>file:line</c>; null where nobody says.</summary>
    public string? DeclaredAt => _contents.Value?.DeclaredAt;

    /// <summary>The members in order.</summary>
    public IReadOnlyList<StructureMember> Members => _contents.Value?.Members ?? [];

    /// <summary>Members that no object has for itself, in order.</summary>
    public IReadOnlyList<StaticMember> Statics => _contents.Value?.Statics ?? [];

    /// <summary>Member functions, in order.</summary>
    public IReadOnlyList<StructureMethod> Methods => _contents.Value?.Methods ?? [];

    /// <summary>
    /// The member of a name, also within anonymous inner structures and base classes; its offset is from the start of this one. Null where
    /// there is none.
    /// </summary>
    public StructureMember? Find(string name) => Find(name, MaxNested);

    private StructureMember? Find(string name, int depth)
    {
        foreach (StructureMember member in Members)
        {
            if (member.Name == name)
                return member;
        }

        foreach (StructureMember member in Members)
        {
            if (member.Name is null && depth > 0 && member.Type.Underlying is StructureType { Definition: { } inner }
                && inner.Find(name, depth - 1) is { } found)
                return found with { BitOffset = found.BitOffset + member.BitOffset };
        }

        return null;
    }
}

/// <summary>A member of a structure.</summary>
/// <param name="Name">Its name; null for an anonymous inner structure, and for a base class.</param>
/// <param name="Type">Its type.</param>
/// <param name="BitOffset">Bits from the structure's start to its lowest one, as memory is numbered on little-endian machines.</param>
/// <param name="BitSize">Bits of a bit-field; null for all others, which begin at a whole byte.</param>
/// <param name="IsBase">Whether it is a base class.</param>
public sealed record StructureMember(string? Name, CType Type, long BitOffset, int? BitSize = null, bool IsBase = false)
{
    /// <summary>Who may use it.</summary>
    public MemberAccess Access { get; init; } = MemberAccess.Public;

    /// <summary>Whether the compiler has added it: the pointer to a table of virtual functions.</summary>
    public bool IsArtificial { get; init; }
}

/// <summary><c>enum</c>.</summary>
/// <param name="Tag">Its tag; null for an anonymous one.</param>
/// <param name="Values">The integer that its values are kept in; null where it is only declared.</param>
/// <param name="Definition">The names of its values; null where nobody has said.</param>
public sealed record EnumerationType(string? Tag, IntegerType? Values, EnumerationDefinition? Definition = null) : CType
{
    /// <summary>Whether its names have to be said with its own: C++'s <c>enum class</c>.</summary>
    public bool IsScoped { get; init; }

    /// <inheritdoc/>
    public override long? Size => Values?.Size;

    private protected override string Text => $"enum {Tag ?? "{...}"}";
}

/// <summary>The names of an enumeration's values, read when somebody needs them. Compared by identity.</summary>
/// <param name="constants">Gives them in order.</param>
public sealed class EnumerationDefinition(Func<IReadOnlyList<EnumerationConstant>> constants)
{
    private readonly Lazy<IReadOnlyList<EnumerationConstant>> _constants = new(constants);

    /// <summary>The names in order.</summary>
    public IReadOnlyList<EnumerationConstant> Constants => _constants.Value;
}

/// <summary>A name of an enumeration, and the value that it stands for.</summary>
public sealed record EnumerationConstant(string Name, long Value);

/// <summary>A name for a type.</summary>
/// <param name="Name">The name.</param>
/// <param name="Target">What it stands for; null where only the name is known.</param>
public sealed record TypedefType(string Name, CType? Target) : CType
{
    /// <inheritdoc/>
    public override long? Size => Target?.Size;

    /// <inheritdoc/>
    public override CType Underlying => Target?.Underlying ?? this;

    private protected override string Text => Name;
}

/// <summary><c>const</c> and its like before a type, or behind a pointer.</summary>
/// <param name="Qualifiers">The words: <c>const volatile</c>.</param>
/// <param name="Type">What is qualified.</param>
public sealed record QualifiedType(string Qualifiers, CType Type) : CType
{
    /// <inheritdoc/>
    public override long? Size => Type.Size;

    /// <inheritdoc/>
    public override CType Underlying => Type.Underlying;

    private protected override string Text => Type is PointerType ? $"{Type}{Qualifiers}" : $"{Qualifiers} {Type}";
}
