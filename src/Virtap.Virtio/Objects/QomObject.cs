namespace Virtap.Virtio.Objects;

/// <summary>An object of QEMU's object model (QOM).</summary>
/// <param name="Address">Where it lies in QEMU's memory.</param>
/// <param name="Type">Its type, such as <c>virtio-blk-device</c>.</param>
/// <param name="Name">The last part of its path.</param>
/// <param name="Parent">The object it is a child of; null for the root.</param>
public sealed record QomObject(ulong Address, string Type, string Name, QomObject? Parent)
{
    /// <summary>Its canonical path, such as <c>/machine/peripheral/disk0/virtio-backend</c>.</summary>
    public string Path => Parent is null ? "/" : Parent.Parent is null ? "/" + Name : Parent.Path + "/" + Name;

    /// <summary>It, its parent, and so on up to the root.</summary>
    public IEnumerable<QomObject> Ancestry
    {
        get
        {
            for (QomObject? current = this; current is not null; current = current.Parent)
                yield return current;
        }
    }
}
