namespace Virtap.Bpf.Instructions;

/// <summary>
/// An atomic operation on memory, as the immediate of the instruction encodes it. Only <see cref="Add"/> exists before kernel 5.12.
/// </summary>
public enum BpfAtomic
{
    /// <summary>memory += source.</summary>
    Add = 0x00,

    /// <summary>memory |= source (5.12).</summary>
    Or = 0x40,

    /// <summary>memory &amp;= source (5.12).</summary>
    And = 0x50,

    /// <summary>memory ^= source (5.12).</summary>
    Xor = 0xa0,

    /// <summary>memory += source; the source register receives the old value (5.12).</summary>
    FetchAdd = 0x01,

    /// <summary>memory |= source; the source register receives the old value (5.12).</summary>
    FetchOr = 0x41,

    /// <summary>memory &amp;= source; the source register receives the old value (5.12).</summary>
    FetchAnd = 0x51,

    /// <summary>memory ^= source; the source register receives the old value (5.12).</summary>
    FetchXor = 0xa1,

    /// <summary>memory and the source register change places (5.12).</summary>
    Exchange = 0xe1,

    /// <summary>If memory equals R0, memory = source; R0 receives the old value either way (5.12).</summary>
    CompareExchange = 0xf1,
}
