namespace Virtap.Virtio.Objects;

/// <summary>What a walk over QEMU's object tree brought.</summary>
/// <param name="Objects">The objects, parents before children; none where the tree cannot be found.</param>
/// <param name="Unread">What could not be read, with whatever lies below it.</param>
internal sealed record ObjectWalk(IReadOnlyList<QomObject> Objects, IReadOnlyList<UnreadObject> Unread)
{
    /// <summary>There is no tree to be seen.</summary>
    public static ObjectWalk None { get; } = new([], []);
}

/// <summary>
/// A child that an object names and that could not be read; where neither name nor type are known, some of an object's properties, which
/// may have been children.
/// </summary>
internal sealed record UnreadObject(QomObject Parent, string? Name = null, string? Type = null);
