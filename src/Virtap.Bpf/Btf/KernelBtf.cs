using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text;
using Virtap.Bpf.Kernel;

namespace Virtap.Bpf.Btf;

/// <summary>
/// The types of the running kernel (<c>/sys/kernel/btf/vmlinux</c>, 5.4 with CONFIG_DEBUG_INFO_BTF): ids of functions, offsets of members.
/// A name is first sought in the string table, where it stands once; the types are then compared by number, which takes a millisecond.
/// Reading the five megabytes takes more than that, so they are mapped where the kernel allows it; nothing is read before it is asked for.
/// </summary>
public sealed partial class KernelBtf
{
    /// <summary>Where the kernel shows its types.</summary>
    public const string VmlinuxPath = "/sys/kernel/btf/vmlinux";

    private const ushort Magic = 0xeb9f;
    private const int MaxDepth = 32;

    private static readonly Lazy<KernelBtf?> s_vmlinux = new(() => TryOpen(VmlinuxPath, out _));

    /// <summary>
    /// By kind, the bytes that follow the 12 that each type begins with: once, and for each of its members, parameters or values.
    /// </summary>
    private static readonly (byte Once, byte Each)[] s_sizes =
    [
        default, (4, 0), (0, 0), (12, 0), (0, 12), (0, 12), (0, 8), (0, 0), (0, 0), (0, 0),
        (0, 0), (0, 0), (0, 0), (0, 8), (4, 0), (0, 12), (0, 0), (4, 0), (0, 0), (0, 12),
    ];

    private readonly ReadOnlyMemory<byte> _data;
    private readonly int _types;
    private readonly int _typesEnd;
    private readonly int _strings;
    private readonly int _stringsEnd;
    private readonly Lazy<int[]> _index;
    private readonly ConcurrentDictionary<string, int?> _functions = new();

    private KernelBtf(ReadOnlyMemory<byte> data, int types, int typesEnd, int strings, int stringsEnd)
    {
        _data = data;
        _types = types;
        _typesEnd = typesEnd;
        _strings = strings;
        _stringsEnd = stringsEnd;
        _index = new Lazy<int[]>(IndexTypes);
    }

    /// <summary>The running kernel's types, read at the first use; null where the kernel shows none.</summary>
    public static KernelBtf? Vmlinux => s_vmlinux.Value;

    /// <summary>Number of types; ids run from 1.</summary>
    public int Count => _index.Value.Length - 1;

    /// <summary>Reads BTF from a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="reason">Why not, where null is returned: the file cannot be read, or is no BTF.</param>
    public static KernelBtf? TryOpen(string path, out string? reason)
    {
        try
        {
            return TryParse(FileMapping.TryMap(path) ?? File.ReadAllBytes(path), out reason);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            reason = e.Message;
            return null;
        }
    }

    /// <summary>Takes BTF from bytes.</summary>
    /// <param name="data">The bytes; kept, not copied.</param>
    /// <param name="reason">Why not, where null is returned.</param>
    public static KernelBtf? TryParse(ReadOnlyMemory<byte> data, out string? reason)
    {
        reason = null;
        if (data.Length < 24 || BinaryPrimitives.ReadUInt16LittleEndian(data.Span) != Magic)
        {
            reason = "not BTF in little-endian order";
            return null;
        }

        ReadOnlySpan<uint> header = MemoryMarshal.Cast<byte, uint>(data.Span[..24]);
        long types = (long)header[1] + header[2], strings = (long)header[1] + header[4];
        if (types + header[3] > data.Length || strings + header[5] > data.Length)
        {
            reason = "BTF is cut short: its sections reach beyond the end";
            return null;
        }

        return new KernelBtf(data, (int)types, (int)(types + header[3]), (int)strings, (int)(strings + header[5]));
    }

    /// <summary>The id of a function (kfunc or other), or null where the kernel has none of that name.</summary>
    public int? FindFunction(string name) =>
        _functions.GetOrAdd(name, static (wanted, btf) => btf.FindTypes(BtfKind.Function, wanted) is [int id, ..] ? id : null, this);

    /// <summary>
    /// A member of a structure or union, also within anonymous inner ones; null where there is none, or it is a bit field.
    /// </summary>
    /// <param name="structure">The structure's tag, such as <c>task_struct</c>.</param>
    /// <param name="member">The member, such as <c>real_parent</c>.</param>
    public BtfMember? FindMember(string structure, string member)
    {
        if (FindName(member) is not int name)
            return null;
        foreach (int id in (List<int>)[.. FindTypes(BtfKind.Struct, structure), .. FindTypes(BtfKind.Union, structure)])
        {
            if (FindMember(id, name, 0, 0) is BtfMember found)
                return found;
        }

        return null;
    }

    private BtfMember? FindMember(int id, int name, int bits, int depth)
    {
        int at = _index.Value[id];
        uint info = Word(at + 4);
        bool hasBitFields = info >> 31 != 0;
        for (int n = 0; n < (int)(info & 0xffff); n++)
        {
            int member = at + 12 + n * 12;
            uint place = Word(member + 8);
            int offset = bits + (int)(hasBitFields ? place & 0xffffff : place);
            int type = (int)Word(member + 4);
            int memberName = (int)Word(member);
            if (memberName == name)
                return (hasBitFields && place >> 24 != 0) || offset % 8 != 0 ? null : new BtfMember(offset / 8, SizeOf(type));
            if (memberName == 0 && depth < MaxDepth && KindOf(type) is BtfKind.Struct or BtfKind.Union
                && FindMember(type, name, offset, depth + 1) is BtfMember inner)
                return inner;
        }

        return null;
    }

    private int SizeOf(int id)
    {
        long factor = 1;
        for (int depth = 0; depth < MaxDepth && id > 0 && id < _index.Value.Length; depth++)
        {
            int at = _index.Value[id];
            switch (KindOf(id))
            {
                case BtfKind.Pointer:
                    return (int)(factor * 8);
                case BtfKind.Array:
                    id = (int)Word(at + 12);
                    factor *= Word(at + 20);
                    break;
                case BtfKind.Typedef or BtfKind.Volatile or BtfKind.Const or BtfKind.Restrict or BtfKind.TypeTag:
                    id = (int)Word(at + 8);
                    break;
                default:
                    return (int)Math.Min(factor * Word(at + 8), int.MaxValue);
            }
        }

        return 0;
    }

    private BtfKind KindOf(int id) => id > 0 && id < _index.Value.Length ? Kind(Word(_index.Value[id] + 4)) : 0;

    private List<int> FindTypes(BtfKind kind, string name)
    {
        List<int> ids = [];
        if (FindName(name) is not int offset)
            return ids;
        ReadOnlySpan<byte> data = _data.Span;
        for (int id = 1, at = _types; TryNext(data, at, out int next); id++, at = next)
        {
            if ((int)Word(data, at) == offset && Kind(Word(data, at + 4)) == kind)
                ids.Add(id);
        }

        return ids;
    }

    /// <summary>The name's offset in the string table, where it stands between two zeros.</summary>
    private int? FindName(string name)
    {
        byte[] wanted = Encoding.UTF8.GetBytes($"\0{name}\0");
        int at = name.Length == 0 ? -1 : _data.Span[_strings.._stringsEnd].IndexOf(wanted);
        return at < 0 ? null : at + 1;
    }

    /// <summary>Where each type begins.</summary>
    private int[] IndexTypes()
    {
        var starts = new List<int>((_typesEnd - _types) / 16) { 0 };
        ReadOnlySpan<byte> data = _data.Span;
        for (int at = _types; TryNext(data, at, out int next); at = next)
            starts.Add(at);
        return [.. starts];
    }

    /// <summary>
    /// Where the type after one begins; false at the end, and before a type that would reach beyond it or is of a kind not known here.
    /// </summary>
    private bool TryNext(ReadOnlySpan<byte> data, int at, out int next)
    {
        next = 0;
        if (at + 12 > _typesEnd)
            return false;
        uint info = Word(data, at + 4);
        int kind = (int)Kind(info);
        if (kind == 0 || kind >= s_sizes.Length)
            return false;
        (byte once, byte each) = s_sizes[kind];
        next = at + 12 + once + (each * (int)(info & 0xffff));
        return next <= _typesEnd;
    }

    private static BtfKind Kind(uint info) => (BtfKind)(info >> 24 & 0x1f);

    private uint Word(int at) => Word(_data.Span, at);

    private static uint Word(ReadOnlySpan<byte> data, int at) => MemoryMarshal.Read<uint>(data[at..]);
}

/// <summary>A member of a kernel structure.</summary>
/// <param name="Offset">Bytes from the start of the structure, anonymous inner structures included.</param>
/// <param name="Size">Bytes of the member.</param>
public readonly record struct BtfMember(int Offset, int Size);
