using System.Buffers.Binary;
using Virtap.Processes.Memory;

namespace Virtap.Virtio.Objects;

/// <summary>
/// Where the properties of QEMU's objects keep their values: the object's own and those of its classes. A device's property (<c>drive</c>,
/// <c>addr</c>) is described by a structure that names it and gives the offset of the field; a link (<c>iothread</c>) by one that begins
/// with the offset, or before 5.0 with the field's address.
/// </summary>
internal sealed class QomProperties(TargetMemory memory)
{
    private const int MaximumDepth = 16;
    private const int LargestObject = 1 << 20;

    private readonly Dictionary<ulong, Dictionary<string, ulong[]>> _tables = [];
    private readonly MemoryBatch _batch = new();

    /// <summary>The address of the field behind a device's property; null where there is none of that name.</summary>
    public ulong? Field(ulong instance, string property)
    {
        foreach (ulong opaque in Opaques(instance, property))
        {
            if (memory.TryRead(opaque + QomLayout.DevicePropertyName, out ulong name) && memory.ReadString(name, 64) == property
                && memory.TryRead(opaque + QomLayout.DevicePropertyOffset, out ulong offset) && offset is > 0 and < LargestObject)
                return instance + offset;
        }

        return null;
    }

    /// <summary>The object that a link leads to.</summary>
    /// <param name="instance">The object that has the link.</param>
    /// <param name="property">The link's name.</param>
    /// <param name="known">The objects it may lead to, by address.</param>
    public QomObject? Link(ulong instance, string property, IReadOnlyDictionary<ulong, QomObject> known)
    {
        foreach (ulong opaque in Opaques(instance, property))
        {
            if (memory.TryRead(opaque, out ulong place)
                && memory.TryRead(place < LargestObject ? instance + place : place, out ulong target)
                && known.TryGetValue(target, out QomObject? found))
                return found;
        }

        return null;
    }

    private IEnumerable<ulong> Opaques(ulong instance, string property)
    {
        if (memory.TryRead(instance + QomLayout.ObjectProperties, out ulong own) && Table(own).TryGetValue(property, out ulong[]? found))
        {
            foreach (ulong opaque in found)
                yield return opaque;
        }

        if (!memory.TryRead(instance + QomLayout.ObjectClass, out ulong type))
            yield break;
        for (int depth = 0; depth < MaximumDepth && type != 0; depth++)
        {
            if (memory.TryRead(type + QomLayout.ClassProperties, out ulong table) && Table(table).TryGetValue(property, out found))
            {
                foreach (ulong opaque in found)
                    yield return opaque;
            }

            type = ParentOf(type);
        }
    }

    // The class of the parent type; 0 for the last. A parent is believed when it is called what its child says.
    private ulong ParentOf(ulong type)
    {
        Span<byte> bytes = stackalloc byte[QomLayout.TypeSize];
        if (!memory.TryRead(type + QomLayout.ClassType, out ulong implementation) || !memory.TryRead(implementation, bytes))
            return 0;
        foreach (int at in QomLayout.TypeParent)
        {
            ulong name = BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]),
            parent = BinaryPrimitives.ReadUInt64LittleEndian(bytes[(at + 8)..]);
            if (memory.ReadString(name, 128) is { Length: > 0 } text && memory.TryRead(parent + QomLayout.TypeName, out ulong parentName)
                && memory.ReadString(parentName, 128) == text
                && memory.TryRead(parent + (ulong)at + 16, out ulong parentClass)
                && memory.TryRead(parentClass + QomLayout.ClassType, out ulong check) && check == parent)
                return parentClass;
        }

        return 0;
    }

    private Dictionary<string, ulong[]> Table(ulong address)
    {
        if (_tables.TryGetValue(address, out Dictionary<string, ulong[]>? known))
            return known;
        var properties = new Dictionary<string, ulong[]>();
        _tables[address] = properties;
        Span<byte> head = stackalloc byte[HashTableLayout.HeadSize];
        if (!memory.TryRead(address, head) || !HashTableLayout.TryRead(head, out HashTableLayout table))
            return properties;
        byte[] array = new byte[table.Length], hashes = new byte[table.HashesLength];
        if (!memory.TryRead(table.Values, array) || !memory.TryRead(table.Hashes, hashes))
            return properties;
        _batch.Clear();
        foreach (ulong property in table.ValuesIn(array, hashes))
            _batch.Add(property, QomLayout.PropertySize);
        _batch.Read(memory);
        for (int i = 0; i < _batch.Count; i++)
        {
            ReadOnlySpan<byte> property = _batch[i];
            if (!property.IsEmpty && memory.ReadString(BinaryPrimitives.ReadUInt64LittleEndian(property), 128) is { Length: > 0 } name)
                properties[name] = [
                    BinaryPrimitives.ReadUInt64LittleEndian(property[QomLayout.PropertyOpaque[0]..]),
                    BinaryPrimitives.ReadUInt64LittleEndian(property[QomLayout.PropertyOpaque[1]..])];
        }

        return properties;
    }
}
