namespace Virtap.Binaries.Elf;

/// <summary>Link-time addresses and the bytes behind them.</summary>
public sealed partial class ElfFile
{
    /// <summary>The bytes of the file that are mapped at a link-time address.</summary>
    /// <param name="address">Address of the first byte.</param>
    /// <param name="maxLength">How many at most.</param>
    /// <returns>Fewer where the segment or the file ends, none where the address is not backed by the file (such as <c>.bss</c>).</returns>
    public ReadOnlySpan<byte> BytesAt(ulong address, int maxLength)
    {
        foreach (ref readonly ElfSegment load in _loads.AsSpan())
        {
            ulong within = address - load.Address;
            if (within < load.FileSize)
                return _image.Cut(load.Offset + within, Math.Min(load.FileSize - within, (ulong)Math.Max(maxLength, 0)));
        }

        return default;
    }

    /// <summary>The bytes of a C string at a link-time address, without the zero that ends it.</summary>
    /// <param name="address">Address of the first character.</param>
    /// <param name="maxLength">The longest that is looked for.</param>
    /// <returns>None where the string is empty, is not in the file, or does not end in time.</returns>
    public ReadOnlySpan<byte> StringAt(ulong address, int maxLength = 4096) => UpToZero(BytesAt(address, maxLength));

    /// <summary>The offset in the file of a link-time address.</summary>
    /// <returns>False where the file has no byte for it.</returns>
    public bool TryFileOffset(ulong address, out ulong offset)
    {
        foreach (ref readonly ElfSegment load in _loads.AsSpan())
        {
            ulong within = address - load.Address;
            offset = load.Offset + within;
            if (within < load.FileSize && offset < _image.Length)
                return true;
        }

        offset = 0;
        return false;
    }

    /// <summary>The link-time address at which a byte of the file is mapped; where it is mapped twice, the executable mapping's.</summary>
    /// <returns>False where it is not mapped.</returns>
    public bool TryAddress(ulong offset, out ulong address)
    {
        bool found = false;
        address = 0;
        foreach (ref readonly ElfSegment load in _loads.AsSpan())
        {
            ulong within = offset - load.Offset;
            if (within >= load.FileSize || (found && !load.IsExecutable))
                continue;
            address = load.Address + within;
            found = true;
        }

        return found;
    }

    /// <summary>The segment that holds a link-time address when the program runs; null where none does.</summary>
    public ElfSegment? FindSegment(ulong address)
    {
        foreach (ElfSegment load in _loads)
        {
            if (load.Contains(address))
                return load;
        }

        return null;
    }

    /// <summary>The section that holds a link-time address when the program runs; null where none does.</summary>
    public ElfSection? FindSection(ulong address)
    {
        foreach (ElfSection section in Sections)
        {
            if (section.Contains(address))
                return section;
        }

        return null;
    }
}
