namespace Virtap.Virtio.Objects;

/// <summary>
/// The structures of QEMU's object model as they have been since 2.x (include/qom/object.h, qom/object.c), in bytes. They are not believed blindly: a child is one only if
/// it names its parent, a class only if its type has a name.
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

    /// <summary>struct TypeImpl: <c>name</c> first.</summary>
    public const int TypeName = 0;

    /// <summary>struct ObjectProperty: name, type, description, get, set, resolve, release, [init: 4.2,] opaque, [defval: 5.0].</summary>
    public const int PropertySize = 80;

    public const int PropertyName = 0;
    public const int PropertyType = 8;

    /// <summary>Where <c>opaque</c> may lie: with and without <c>init</c>.</summary>
    public static ReadOnlySpan<int> PropertyOpaque => [64, 56];
}
