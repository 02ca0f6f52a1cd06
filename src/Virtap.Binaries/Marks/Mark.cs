namespace Virtap.Binaries.Marks;

/// <summary>
/// A static trace point of a binary: one name, one or more places in the code. Read from SDT notes, or recovered from the code of a QEMU
/// that was built without them.
/// </summary>
/// <param name="Provider">The provider, such as <c>qemu</c>; for a recovered mark always <c>qemu</c>.</param>
/// <param name="Name">The mark's name, as it stands in the note (<c>__</c> is not translated here).</param>
/// <param name="Origin">Where the mark was read from.</param>
/// <param name="Sites">Every place that fires it, in order of address; never empty.</param>
public sealed record Mark(string Provider, string Name, MarkOrigin Origin, IReadOnlyList<MarkSite> Sites);
