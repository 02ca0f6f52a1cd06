namespace Virtap.Virtio.Objects;

/// <summary>
/// The structures of QEMU's object model as they have been since 2.x (include/qom/object.h, qom/object.c), in bytes. They are not believed
/// blindly: a child is one only if it names its parent, a class only if its type has a name.
/// </summary>
internal static class QomLayout
{
    /// <summary>struct Object: class, free, properties, ref, parent.</summary>
    public const int ObjectSize = 40;

    public const int ObjectClass = 0;
    public const int ObjectProperties = 16;
    public const int ObjectParent = 32;

    /// <summary>struct DeviceState begins with its Object; <c>id</c> follows.</summary>
    public const int DeviceId = ObjectSize;

    /// <summary>struct ObjectClass: <c>type</c> first.</summary>
    public const int ClassType = 0;

    /// <summary>struct ObjectClass: type, interfaces, two caches of four pointers, unparent, then <c>properties</c>.</summary>
    public const int ClassProperties = 88;

    /// <summary>struct TypeImpl: <c>name</c> first.</summary>
    public const int TypeName = 0;

    /// <summary>
    /// Where <c>parent</c> (a name), <c>parent_type</c> and <c>class</c> may follow each other in a TypeImpl; one field before them came
    /// with 5.1.
    /// </summary>
    public static ReadOnlySpan<int> TypeParent => [88, 80, 96];

    /// <summary>Bytes of a TypeImpl to read for these.</summary>
    public const int TypeSize = 96 + 3 * 8;

    /// <summary>struct Property of a device's class: name, info, then <c>offset</c> of the field in the device.</summary>
    public const int DevicePropertyName = 0;

    public const int DevicePropertyOffset = 16;

    /// <summary>struct BusState: Object, parent, <c>name</c>.</summary>
    public const int BusName = ObjectSize + 8;

    /// <summary>struct NetClientState: info, link_down, two list pointers, peer, incoming_queue, model, <c>name</c>.</summary>
    public const int NetClientName = 56;

    /// <summary>struct ObjectProperty: name, type, description, get, set, resolve, release, [init: 4.2,] opaque, [defval: 5.0].</summary>
    public const int PropertySize = 80;

    public const int PropertyName = 0;
    public const int PropertyType = 8;

    /// <summary>Where <c>opaque</c> may lie: with and without <c>init</c>.</summary>
    public static ReadOnlySpan<int> PropertyOpaque => [64, 56];
}
