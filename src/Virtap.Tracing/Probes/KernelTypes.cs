using System.Collections.Concurrent;
using Virtap.Binaries.Types;
using Virtap.Bpf.Btf;

namespace Virtap.Tracing.Probes;

/// <summary>The types of the running kernel as C types, and what its trace points hand over, by its BTF.</summary>
internal sealed class KernelTypes(KernelBtf btf)
{
    /// <summary>What trace points' own types are called: typedefs of a pointer to a function (include/trace/bpf_probe.h).</summary>
    private const string TracepointPrefix = "btf_trace_";

    /// <summary>The functions that call a trace point's tracers (5.10), and those that hand it to eBPF.</summary>
    private static readonly string[] s_functionPrefixes = ["__traceiter_", "__bpf_trace_"];

    /// <summary>C has nothing so deep that leads through no structure.</summary>
    private const int MaxDepth = 32;

    private static readonly Lazy<KernelTypes?> s_current = new(() => KernelBtf.Vmlinux is { } btf ? new KernelTypes(btf) : null);

    // Structures are compared by their definition: one for each.
    private readonly ConcurrentDictionary<int, StructureDefinition> _definitions = new();
    private readonly Lazy<IReadOnlyList<string>> _tracepoints = new(() =>
        [.. btf.NamesOf(BtfKind.Typedef, TracepointPrefix)
            .Select(static name => name[TracepointPrefix.Length..]).Distinct().Order(StringComparer.Ordinal)]);

    /// <summary>The running kernel's; null where it does not show them.</summary>
    public static KernelTypes? Current => s_current.Value;

    /// <summary>The names of all trace points, in order.</summary>
    public IReadOnlyList<string> Tracepoints => _tracepoints.Value;

    /// <summary>What a trace point hands over, in order; null where there is no such trace point.</summary>
    public IReadOnlyList<KernelArgument>? ArgumentsOf(string tracepoint)
    {
        if (btf.Find(BtfKind.Typedef, TracepointPrefix + tracepoint) is not int id || PrototypeOf(id) is not { } handed)
            return null;
        // The first parameter is the tracer's own. A typedef's parameters may have no names; the same ones of functions have.
        BtfPart[] parts = [.. handed.Parts.Skip(1)];
        BtfPart[]? named = s_functionPrefixes.Select(prefix => btf.FindFunction(prefix + tracepoint))
            .Select(function => function is int found ? PrototypeOf(found)?.Parts.Skip(1).ToArray() : null)
            .FirstOrDefault(each => each?.Select(static part => part.Type).SequenceEqual(parts.Select(static part => part.Type)) == true);
        return [.. parts.Select((part, index) => new KernelArgument(NameOf(part, named?[index], index), TypeOf(part.Type, MaxDepth)))];
    }

    private static string NameOf(BtfPart part, BtfPart? named, int index) =>
        part.Name.Length > 0 ? part.Name : named is { Name.Length: > 0 } ? named.Name : $"arg{index + 1}";

    /// <summary>The prototype of a function, or of what points to one.</summary>
    private BtfType? PrototypeOf(int id)
    {
        BtfType? type = btf.Read(id);
        for (int depth = 0; depth < MaxDepth && type is { Kind: BtfKind.Typedef or BtfKind.Pointer or BtfKind.Function }; depth++)
            type = btf.Read(type.Word);
        return type is { Kind: BtfKind.FunctionPrototype } ? type : null;
    }

    /// <summary>A type by its name: <c>struct task_struct</c>, <c>task_struct</c>, <c>u64</c>; null where there is none.</summary>
    public CType? Find(string name)
    {
        string[] words = name.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        ReadOnlySpan<BtfKind> kinds = words switch
        {
            ["struct", _] => [BtfKind.Struct],
            ["union", _] => [BtfKind.Union],
            ["enum", _] => [BtfKind.Enum, BtfKind.Enum64],
            _ => [BtfKind.Struct, BtfKind.Union, BtfKind.Typedef, BtfKind.Integer, BtfKind.Enum, BtfKind.Enum64],
        };
        string tag = words is ["struct" or "union" or "enum", var only] ? only : string.Join(' ', words);
        foreach (BtfKind kind in kinds)
        {
            if (btf.Find(kind, tag) is int id)
                return TypeOf(id, MaxDepth);
        }

        return null;
    }

    private CType TypeOf(int id, int depth)
    {
        if (depth == 0 || btf.Read(id) is not { } type)
            return new VoidType();
        CType Target() => TypeOf(type.Word, depth - 1);
        string? tag = type.Name.Length == 0 ? null : type.Name;
        return type.Kind switch
        {
            BtfKind.Integer => new IntegerType(type.Name, type.Word, IsSigned(type.Parts[0].Value)),
            BtfKind.Float => new FloatingType(type.Name, type.Word),
            BtfKind.Pointer => new PointerType(Target()),
            BtfKind.Array => new ArrayType(TypeOf(type.Parts[0].Type, depth - 1), type.Parts[0].Value),
            BtfKind.Struct or BtfKind.Union => new StructureType(type.Kind == BtfKind.Union, tag, DefinitionOf(id, type)),
            BtfKind.Forward => new StructureType(type.IsFlagged, tag),
            BtfKind.Enum or BtfKind.Enum64 => new EnumerationType(
                tag, new IntegerType(null, type.Word, type.IsFlagged),
                new EnumerationDefinition(() => [.. type.Parts.Select(static part => new EnumerationConstant(part.Name, part.Value))])),
            BtfKind.Typedef => new TypedefType(type.Name, Target()),
            BtfKind.Const => new QualifiedType("const", Target()),
            BtfKind.Volatile => new QualifiedType("volatile", Target()),
            BtfKind.Restrict => new QualifiedType("restrict", Target()),
            BtfKind.TypeTag => Target(),
            BtfKind.FunctionPrototype => new FunctionType(
                Target(), [.. type.Parts.Where(IsParameter).Select(part => TypeOf(part.Type, depth - 1))],
                IsVariadic: type.Parts.Any(static part => !IsParameter(part))),
            _ => new VoidType(),
        };
    }

    private StructureDefinition DefinitionOf(int id, BtfType type) => _definitions.GetOrAdd(
        id, _ => new StructureDefinition(type.Word, () => [.. type.Parts.Select(part => MemberOf(part, type.IsFlagged))]));

    /// <summary>Where some member is a bit-field, the places of all have the sizes in their upper byte.</summary>
    private StructureMember MemberOf(BtfPart part, bool hasBitFields)
    {
        long place = hasBitFields ? part.Value & 0xffffff : part.Value;
        int bits = hasBitFields ? (int)(part.Value >> 24) : 0;
        return new StructureMember(
            part.Name.Length == 0 ? null : part.Name, TypeOf(part.Type, MaxDepth), place, bits == 0 ? null : bits);
    }

    /// <summary>A last parameter without a name and a type stands for any number of others.</summary>
    private static bool IsParameter(BtfPart part) => part.Type != 0;

    private static bool IsSigned(long encoding) => (encoding >> 24 & 1) != 0;
}

/// <summary>What a trace point hands over.</summary>
internal sealed record KernelArgument(string Name, CType Type);
