using System.Buffers.Binary;
using System.Text;
using Virtap.Processes.Memory;

namespace Virtap.Virtio.Objects;

/// <summary>
/// Walks QEMU's object tree from its root, level by level, a few batched reads for each. Every object has a hash table of properties; a
/// property of type <c>child&lt;TYPE&gt;</c> leads to a child. A QEMU that runs goes on meanwhile: what does not fit together (a child that
/// does not name its parent) is left out. Of one that stands still, and of memory that is not there, it is told.
/// </summary>
internal sealed class QomTree
{
    // A big guest has some thousand objects, most of them memory regions, which are not followed.
    private const int MaximumObjects = 20_000;
    private const int MaximumProperties = 200_000;
    private const int MaximumDepth = 32;
    private const int ShortString = 64;

    private readonly TargetMemory _memory;
    private readonly MemoryBatch _batch = new();
    private readonly List<QomObject> _objects = [];
    private readonly HashSet<ulong> _seen = [];
    private readonly List<UnreadObject> _unread = [];
    private int _opaque;
    private int _properties;

    private QomTree(TargetMemory memory) => _memory = memory;

    /// <summary>All objects but memory regions and interrupt lines, parents before children.</summary>
    /// <param name="memory">QEMU's memory.</param>
    /// <param name="root">Address of the root object.</param>
    public static ObjectWalk Walk(TargetMemory memory, ulong root)
    {
        var tree = new QomTree(memory);
        Span<byte> head = stackalloc byte[QomLayout.ObjectSize];
        if (!memory.TryRead(root, head))
            return ObjectWalk.None;
        List<(QomObject Object, ulong Properties)> level = [
            (new QomObject(root, "container", "", null), Pointer(head, QomLayout.ObjectProperties))];
        tree._objects.Add(level[0].Object);
        for (int depth = 0; depth < MaximumDepth && level.Count > 0; depth++)
            level = tree.Descend(level);
        return new ObjectWalk(tree._objects, tree._unread);
    }

    private List<(QomObject Object, ulong Properties)> Descend(List<(QomObject Object, ulong Properties)> level)
    {
        List<(QomObject Owner, ulong Property)> properties = ReadTables(level);

        _batch.Clear();
        foreach (var (_, property) in properties)
            _batch.Add(property, QomLayout.PropertySize);
        _batch.Read(_memory);
        var candidates = new List<(QomObject Owner, ulong Name, ulong Type, ulong[] Opaque)>();
        for (int i = 0; i < properties.Count; i++)
        {
            ReadOnlySpan<byte> bytes = _batch[i];
            if (bytes.IsEmpty)
            {
                _unread.Add(new UnreadObject(properties[i].Owner));
                continue;
            }

            ulong[] opaque = _opaque != 0
                ? [Pointer(bytes, _opaque)] : [Pointer(bytes, QomLayout.PropertyOpaque[0]), Pointer(bytes, QomLayout.PropertyOpaque[1])];
            candidates.Add((properties[i].Owner, Pointer(bytes, QomLayout.PropertyName), Pointer(bytes, QomLayout.PropertyType), opaque));
        }

        string?[] types = ReadStrings([.. candidates.Select(c => c.Type)]);
        var children = new List<(QomObject Owner, ulong Name, string Type, ulong[] Opaque)>();
        for (int i = 0; i < candidates.Count; i++)
        {
            if (types[i] is not { } type)
                _unread.Add(new UnreadObject(candidates[i].Owner));
            else if (type.StartsWith("child<", StringComparison.Ordinal) && type.EndsWith('>')
                && type[6..^1] is var name && IsFollowed(name))
                children.Add((candidates[i].Owner, candidates[i].Name, name, candidates[i].Opaque));
        }

        return ReadChildren(children);
    }

    // Thousands, and nothing of interest below them.
    private static bool IsFollowed(string type) => type is not ("qemu:memory-region" or "irq");

    private List<(QomObject Owner, ulong Property)> ReadTables(List<(QomObject Object, ulong Properties)> level)
    {
        _batch.Clear();
        foreach (var (_, table) in level)
            _batch.Add(table, HashTableLayout.HeadSize);
        _batch.Read(_memory);
        var tables = new List<(QomObject Owner, HashTableLayout Table)>();
        for (int i = 0; i < level.Count; i++)
        {
            if (HashTableLayout.TryRead(_batch[i], out HashTableLayout table))
                tables.Add((level[i].Object, table));
            else if (_batch[i].IsEmpty || !_memory.IsLive)
                _unread.Add(new UnreadObject(level[i].Object));
        }

        _batch.Clear();
        foreach (var (_, table) in tables)
        {
            _batch.Add(table.Values, table.Length);
            _batch.Add(table.Hashes, table.HashesLength);
        }

        _batch.Read(_memory);
        var properties = new List<(QomObject Owner, ulong Property)>();
        for (int i = 0; i < tables.Count && _properties < MaximumProperties; i++)
        {
            ReadOnlySpan<byte> values = _batch[2 * i], hashes = _batch[2 * i + 1];
            if (values.IsEmpty || hashes.IsEmpty)
                _unread.Add(new UnreadObject(tables[i].Owner));
            int before = properties.Count;
            properties.AddRange(tables[i].Table.ValuesIn(values, hashes).Select(p => (tables[i].Owner, p)));
            _properties += properties.Count - before;
        }

        return properties;
    }

    private List<(QomObject Object, ulong Properties)> ReadChildren(
        List<(QomObject Owner, ulong Name, string Type, ulong[] Opaque)> children)
    {
        string?[] names = ReadStrings([.. children.Select(c => c.Name)]);
        _batch.Clear();
        foreach (var child in children)
        {
            foreach (ulong address in child.Opaque)
                _batch.Add(address, QomLayout.ObjectSize);
        }

        _batch.Read(_memory);
        var found = new List<(QomObject Object, ulong Properties)>();
        int index = 0;
        foreach (var ((owner, _, type, opaque), name) in children.Zip(names))
        {
            bool isThere = false, isRead = false;
            for (int n = 0; n < opaque.Length; n++)
            {
                ReadOnlySpan<byte> head = _batch[index++];
                isThere |= !head.IsEmpty;
                if (name is null || head.IsEmpty || Pointer(head, QomLayout.ObjectParent) != owner.Address
                    || _objects.Count >= MaximumObjects)
                    continue;
                isRead = true;
                if (!_seen.Add(opaque[n]))
                    continue;
                // The first child that names its parent tells where this QEMU has `opaque`.
                if (_opaque == 0)
                    _opaque = QomLayout.PropertyOpaque[n];
                var child = new QomObject(opaque[n], type, name, owner);
                _objects.Add(child);
                found.Add((child, Pointer(head, QomLayout.ObjectProperties)));
            }

            if (!isRead && (!isThere || !_memory.IsLive))
                _unread.Add(new UnreadObject(owner, name, type));
        }

        return found;
    }

    private string?[] ReadStrings(ulong[] addresses)
    {
        _batch.Clear();
        foreach (ulong address in addresses)
            _batch.Add(address, ShortString);
        _batch.Read(_memory);
        var strings = new string?[addresses.Length];
        for (int i = 0; i < addresses.Length; i++)
        {
            int end = _batch[i].IndexOf((byte)0);
            // A longer one, or one in the last bytes of its mapping.
            strings[i] = end >= 0 ? Encoding.UTF8.GetString(_batch[i][..end]) : _memory.ReadString(addresses[i], 1024);
        }

        return strings;
    }

    private static ulong Pointer(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[offset..]);
}
