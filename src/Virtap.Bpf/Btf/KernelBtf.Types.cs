using System.Text;

namespace Virtap.Bpf.Btf;

/// <summary>Whole types, and the names of many.</summary>
public sealed partial class KernelBtf
{
    /// <summary>The id of the first type of a kind and name; null where there is none.</summary>
    public int? Find(BtfKind kind, string name) => FindTypes(kind, name) is [int id, ..] ? id : null;

    /// <summary>The names of all types of a kind that begin alike, in the order of their ids.</summary>
    public IReadOnlyList<string> NamesOf(BtfKind kind, string prefix)
    {
        byte[] wanted = Encoding.UTF8.GetBytes(prefix);
        List<string> names = [];
        ReadOnlySpan<byte> data = _data.Span;
        for (int at = _types; TryNext(data, at, out int next); at = next)
        {
            if (Kind(Word(data, at + 4)) == kind && NameBytes((int)Word(data, at)).StartsWith(wanted))
                names.Add(NameAt((int)Word(data, at)));
        }

        return names;
    }

    /// <summary>A type by its id; null for 0, which is void, and for what is no id.</summary>
    public BtfType? Read(int id)
    {
        int[] index = _index.Value;
        if (id <= 0 || id >= index.Length)
            return null;
        int at = index[id];
        uint info = Word(at + 4);
        BtfKind kind = Kind(info);
        var parts = new BtfPart[kind is BtfKind.Integer or BtfKind.Array ? 1 : s_sizes[(int)kind].Each == 0 ? 0 : (int)(info & 0xffff)];
        bool isFlagged = info >> 31 != 0;
        for (int i = 0; i < parts.Length; i++)
            parts[i] = ReadPart(kind, at + 12 + (i * s_sizes[(int)kind].Each), isFlagged);
        return new BtfType(kind, NameAt((int)Word(at)), isFlagged, (int)Word(at + 8), parts);
    }

    private BtfPart ReadPart(BtfKind kind, int at, bool isSigned) => kind switch
    {
        BtfKind.Integer => new BtfPart("", 0, Word(at)),
        BtfKind.Array => new BtfPart("", (int)Word(at), Word(at + 8)),
        BtfKind.Enum => new BtfPart(NameAt((int)Word(at)), 0, isSigned ? (int)Word(at + 4) : Word(at + 4)),
        BtfKind.Enum64 => new BtfPart(NameAt((int)Word(at)), 0, (long)(Word(at + 4) | ((ulong)Word(at + 8) << 32))),
        BtfKind.FunctionPrototype => new BtfPart(NameAt((int)Word(at)), (int)Word(at + 4), 0),
        _ => new BtfPart(NameAt((int)Word(at)), (int)Word(at + 4), Word(at + 8)),
    };

    private string NameAt(int offset) => Encoding.UTF8.GetString(NameBytes(offset));

    /// <summary>A name of the string table, without the zero that ends it; empty where there is none.</summary>
    private ReadOnlySpan<byte> NameBytes(int offset)
    {
        if (offset < 0 || offset >= _stringsEnd - _strings)
            return default;
        ReadOnlySpan<byte> rest = _data.Span[(_strings + offset).._stringsEnd];
        int end = rest.IndexOf((byte)0);
        return end < 0 ? rest : rest[..end];
    }
}
