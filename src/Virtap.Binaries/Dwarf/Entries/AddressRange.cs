namespace Virtap.Binaries.Dwarf.Entries;

/// <summary>Link-time addresses from <paramref name="Start"/> up to but not including <paramref name="End"/>.</summary>
public readonly record struct AddressRange(ulong Start, ulong End)
{
    /// <summary>Whether an address is one of them.</summary>
    public bool Contains(ulong address) => address - Start < End - Start && End > Start;
}
