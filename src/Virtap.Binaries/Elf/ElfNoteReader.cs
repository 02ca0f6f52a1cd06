namespace Virtap.Binaries.Elf;

/// <summary>Goes through the notes of a note section or segment; ends at the first one that does not fit.</summary>
public ref struct ElfNoteReader
{
    private readonly int _alignment;
    private ReadOnlySpan<byte> _rest;

    /// <summary>Creates a reader.</summary>
    /// <param name="notes">The bytes.</param>
    /// <param name="alignment">The section's or segment's alignment: notes are padded to 8 where it is 8, otherwise to 4.</param>
    public ElfNoteReader(ReadOnlySpan<byte> notes, ulong alignment)
    {
        _rest = notes;
        _alignment = alignment == 8 ? 8 : 4;
    }

    /// <summary>Whose note it is, such as <c>GNU</c> or <c>stapsdt</c>, without the terminating zero.</summary>
    public ReadOnlySpan<byte> Owner { get; private set; }

    /// <summary>Its type, a number of the owner's.</summary>
    public uint Type { get; private set; }

    /// <summary>What it says.</summary>
    public ReadOnlySpan<byte> Description { get; private set; }

    /// <summary>To the next note, if there is one.</summary>
    public bool MoveNext()
    {
        if (_rest.Length < 12)
            return false;
        uint nameSize = ElfImage.Word(_rest, 0), size = ElfImage.Word(_rest, 4);
        long description = Align(12L + nameSize);
        if (description + size > _rest.Length)
            return false;
        Type = ElfImage.Word(_rest, 8);
        Owner = _rest.Slice(12, (int)nameSize).TrimEnd((byte)0);
        Description = _rest.Slice((int)description, (int)size);
        _rest = _rest[(int)Math.Min(Align(description + size), _rest.Length)..];
        return true;
    }

    private readonly long Align(long at) => (at + _alignment - 1) & -(long)_alignment;
}
