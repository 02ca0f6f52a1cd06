namespace Virtap.Bpf.Btf;

/// <summary>A type as BTF has it (Documentation/bpf/btf.rst): which of the fields mean something, its kind says.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Name">Its name or tag; empty for none.</param>
/// <param name="IsFlagged">
/// The kind's flag: of a structure that its members' places have the sizes of bit-fields in them, of an enumeration that its values have a
/// sign, of what is only declared that it is a union.
/// </param>
/// <param name="Word">Bytes of a value, or the id of the type that it is made of (0: void).</param>
/// <param name="Parts">Members, parameters, values in order; of an array its element, of an integer its encoding.</param>
public sealed record BtfType(BtfKind Kind, string Name, bool IsFlagged, int Word, IReadOnlyList<BtfPart> Parts);

/// <summary>A part of a type.</summary>
/// <param name="Name">Its name; empty for none.</param>
/// <param name="Type">The id of its type; 0 for void, and where it has none.</param>
/// <param name="Value">A member's place in bits, an enumeration's value, an array's count, an integer's encoding.</param>
public sealed record BtfPart(string Name, int Type, long Value);
