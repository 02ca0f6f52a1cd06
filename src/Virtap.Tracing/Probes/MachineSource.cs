using System.Numerics;
using Virtap.Binaries.Code;
using Virtap.Binaries.Types;
using Virtap.Language.Binding.Targets;
using Virtap.Language.Library;
using Virtap.Names;

namespace Virtap.Tracing.Probes;

/// <summary>
/// What every target variable of Tracing is: a value from the registers and the memory of the thread at the site, and its type.
/// </summary>
/// <param name="Value">
/// The number that a script sees: the value itself; of an array or a structure the address. Holds no <see cref="ImageAddress"/>: those
/// have been made relative to the site.
/// </param>
/// <param name="Type">The type where one is known.</param>
/// <param name="Location">
/// The address of its first byte; null for what has none: it lies in a register, it is a bit-field, it was computed.
/// </param>
public sealed record MachineSource(MachineExpression Value, CType? Type, MachineExpression? Location = null) : TargetSource
{
    private const int BitsOfByte = 8, BitsOfValue = 64;

    private const string OnlyRecovered =
        "the program has no debug information: its code gives away the places of these members; its package's <name>-dbgsym has all";

    /// <summary>Whether it is a part of a word in memory.</summary>
    public bool IsBitField { get; init; }

    /// <inheritdoc/>
    public override TargetValueKind Kind => Type?.Underlying switch
    {
        PointerType { Target.Underlying: IntegerType { IsCharacter: true } } => TargetValueKind.Text,
        PointerType { Target.Underlying: StructureType } => TargetValueKind.StructurePointer,
        PointerType { Target.Underlying: FunctionType } => TargetValueKind.FunctionPointer,
        PointerType => TargetValueKind.Pointer,
        ArrayType array => InnermostElement(array).Underlying is IntegerType { IsCharacter: true }
            ? TargetValueKind.TextArray : TargetValueKind.Array,
        StructureType { Definition.IsKnown: true } => TargetValueKind.Structure,
        // Nobody has said what it is, only how wide.
        IntegerType { Name: null } => TargetValueKind.Other,
        IntegerType { IsCharacter: true } => TargetValueKind.Character,
        IntegerType { IsSigned: true } or EnumerationType { Values: null or { IsSigned: true } } => TargetValueKind.Signed,
        IntegerType or EnumerationType => TargetValueKind.Unsigned,
        FloatingType => TargetValueKind.Bits,
        _ => TargetValueKind.Other,
    };

    /// <inheritdoc/>
    public override TargetLookup Member(string name)
    {
        // Of a pointer to a pointer, all are followed.
        if (Type?.Underlying is PointerType { Target: { Underlying: PointerType } inner })
            return At(Value, inner, Space) is { Source: { } pointer } ? pointer.Member(name) : TargetLookup.Unknown;
        if (Structure is not { } whole)
            return Type is null ? TargetLookup.Unknown : InvalidAccess($"->{name}");
        if (whole.Definition is not { IsKnown: true } definition)
            return TargetLookup.Unknown;
        if (definition.Find(name) is { } member)
            return At(Plus(Value, member.BitOffset / BitsOfByte), member);
        string[] there = [.. NamesOf(definition, 0)];
        string names = string.Join(", ", NameSuggestion.Similar(name, there.Order(StringComparer.Ordinal), there.Length));
        return TargetLookup.None(
            $"unable to find member '{name}' for {StapTypeText.Of(whole)} (alternatives: {names})",
            definition.IsPartial ? OnlyRecovered : null);
    }

    /// <inheritdoc/>
    public override TargetLookup Element(TargetIndex index)
    {
        CType? element = Type?.Underlying switch
        {
            ArrayType array => array.Element,
            PointerType pointer => pointer.Target,
            _ => null,
        };
        if (element?.Underlying is null or VoidType)
            return Type is null ? TargetLookup.Unknown : InvalidAccess($"[{(index.IsOperand ? "" : index.Number)}]");
        if (element.Size is not (> 0 and long size))
            return new TargetLookup(null, $"nobody says how large a value of the type {element} is");
        MachineExpression address = index.IsOperand
            ? new BinaryValue(
                MachineOperator.Add, Value,
                new BinaryValue(
                    MachineOperator.Multiply, new OperandValue((int)index.Number), MachineExpression.Constant(size)))
            : Plus(Value, unchecked(index.Number * size));
        return At(address, element, Space);
    }

    /// <inheritdoc/>
    public override TargetLookup Address => Location is { } location
        ? new TargetLookup(new MachineSource(location, Type is null ? null : new PointerType(Type)) { Space = Space }, null)
        : TargetLookup.None(IsBitField ? "cannot take the address of a bit field" : "cannot take address of object in register");

    /// <inheritdoc/>
    public override string? WhyNoNumber => Type?.Underlying is StructureType { Definition: { IsKnown: true } definition }
        && NamesOf(definition, 0).Min(StringComparer.Ordinal) is { } member
            ? $"'{StapTypeText.Of(Type.Underlying)}'{(definition.DeclaredAt is { } place ? $" ({place})" : "")} "
                + $"is being accessed instead of a member such as '->{member}'"
            : null;

    /// <inheritdoc/>
    public override TargetSource? OfOperand => Type?.Underlying switch
    {
        PointerType => new MachineSource(new OperandValue(0), Type) { Space = Space },
        ArrayType array => new MachineSource(new OperandValue(0), new PointerType(array.Element)) { Space = Space },
        StructureType => new MachineSource(new OperandValue(0), new PointerType(Type)) { Space = Space },
        _ => null,
    };

    /// <inheritdoc/>
    public override IReadOnlyList<TargetPart> Parts => Type?.Underlying is ArrayType array
        ? [new TargetPart("", At(Value, InnermostElement(array), Space))]
        : Structure?.Definition is { IsKnown: true } definition
            ? [.. definition.Members.Select(PartOf)]
            : [];

    private TargetLookup InvalidAccess(string access) => TargetLookup.None(Type!.Underlying is PointerType { Target.Underlying: VoidType }
        ? $"invalid access '{access}' vs '{StapTypeText.Of(Type.Underlying)}'" : $"invalid access '{access}' vs. {StapTypeText.Of(Type)}");

    /// <summary>The structure that it is, or points to: a structure's value is its address, as a pointer's is.</summary>
    private StructureType? Structure =>
        (Type?.Underlying is PointerType pointer ? pointer.Target.Underlying : Type?.Underlying) as StructureType;

    private static CType InnermostElement(ArrayType array)
    {
        CType element = array.Element;
        while (element is ArrayType row)
            element = row.Element;
        return element;
    }

    /// <summary>What is in memory at an address.</summary>
    /// <param name="address">The address.</param>
    /// <param name="type">What is there.</param>
    /// <param name="space">Whose memory it is.</param>
    public static TargetLookup At(MachineExpression address, CType type, MemorySpace space = MemorySpace.Target)
    {
        switch (type.Underlying)
        {
            case StructureType or ArrayType or FunctionType:
                return new TargetLookup(new MachineSource(address, type, address) { Space = space }, null);
            case FloatingType { Bytes: 4 or 8 } floating:
                return Loaded(floating.Bytes, isSigned: false);
        }

        if (type.Number is not ({ } size, { } isSigned))
            return new TargetLookup(null, $"a value of the type {type} is no number");
        return size is 1 or 2 or 4 or 8
            ? Loaded(size, isSigned)
            : new TargetLookup(null, $"a value of {size} bytes does not fit a number of scripts");

        TargetLookup Loaded(int bytes, bool isSigned) =>
            new(new MachineSource(new LoadValue(address, bytes, isSigned), type, address) { Space = space }, null);
    }

    private TargetLookup At(MachineExpression address, StructureMember member)
    {
        if (member.BitSize is not int bits)
            return At(address, member.Type, Space);
        if (member.Type.Number is not (_, { } isSigned))
            return new TargetLookup(null, $"a value of the type {member.Type} is no number");
        return BitField(address, (int)(member.BitOffset % BitsOfByte), bits, isSigned) is { } value
            ? new TargetLookup(new MachineSource(value, member.Type) { IsBitField = true, Space = Space }, null)
            : new TargetLookup(null, "a bit-field that no load of 8 bytes holds does not fit a number of scripts");
    }

    /// <summary>Bits of memory, moved to the upper end of a number and back to the lower one; null where no load holds them all.</summary>
    private static BinaryValue? BitField(MachineExpression address, int first, int bits, bool isSigned)
    {
        int bytes = (first + bits + BitsOfByte - 1) / BitsOfByte;
        if (bits < 1 || bytes > BitsOfValue / BitsOfByte)
            return null;
        // Loads of powers of two, the largest first: the structure may end with the field, and the mapping with the structure.
        MachineExpression? whole = null;
        for (int at = 0, size; at < bytes; at += size)
        {
            size = 1 << BitOperations.Log2((uint)(bytes - at));
            MachineExpression load = new LoadValue(Plus(address, at), size, SignExtend: false);
            whole = whole is null ? load : new BinaryValue(
                MachineOperator.Or, whole,
                new BinaryValue(MachineOperator.ShiftLeft, load, MachineExpression.Constant(at * BitsOfByte)));
        }

        var upper = new BinaryValue(MachineOperator.ShiftLeft, whole!, MachineExpression.Constant(BitsOfValue - first - bits));
        MachineOperator back = isSigned ? MachineOperator.ShiftRightArithmetic : MachineOperator.ShiftRightLogical;
        return new BinaryValue(back, upper, MachineExpression.Constant(BitsOfValue - bits));
    }

    private TargetPart PartOf(StructureMember member) => new(LabelOf(member), At(Plus(Value, member.BitOffset / BitsOfByte), member));

    private static string LabelOf(StructureMember member) => member switch
    {
        { Name: { } name } => $".{name}=",
        { IsBase: true, Type: var type } => $"{StapTypeText.Of(type)}=",
        { Type.Underlying: StructureType { IsUnion: true } } => "<union>=",
        _ => "<class>=",
    };

    private static IEnumerable<string> NamesOf(StructureDefinition definition, int depth)
    {
        const int maxDepth = 8;
        foreach (StructureMember member in definition.Members)
        {
            if (member.Name is { } name)
            {
                yield return name;
            }
            else if (depth < maxDepth && member.Type.Underlying is StructureType { Definition: { } inner })
            {
                foreach (string within in NamesOf(inner, depth + 1))
                    yield return within;
            }
        }
    }

    private static MachineExpression Plus(MachineExpression address, long bytes) => address switch
    {
        _ when bytes == 0 => address,
        BinaryValue { Operator: MachineOperator.Add, Right: ConstantValue before } sum => Plus(sum.Left, unchecked(before.Value + bytes)),
        _ => new BinaryValue(MachineOperator.Add, address, MachineExpression.Constant(bytes)),
    };
}
