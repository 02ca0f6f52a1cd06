using System.Buffers.Binary;
using System.Text;
using Virtap.Binaries.Elf;

namespace Virtap.Binaries.Tests.Support;

/// <summary>Makes small ELF files, so that no test needs one from a shelf. Every loaded section is a segment of its own.</summary>
internal sealed class ElfBuilder(int machine = 62, ElfKind kind = ElfKind.SharedObject)
{
    private readonly List<Part> _parts = [new Part("", ElfSectionType.Null, [], 0, 0, 0, 0, 0, 0)];
    private readonly List<(ElfSegmentType Type, int Section)> _segments = [];

    public bool WithoutSectionHeaders { get; init; }

    /// <summary>Adds a section, loaded where it has an address; gives its index.</summary>
    public int Add(
        string name, ElfSectionType type, byte[] bytes, ulong address = 0, ulong flags = 0, int link = 0, int entrySize = 0,
        int alignment = 4, ulong size = 0)
    {
        _parts.Add(
            new Part(
                name, type, bytes, address, flags | (address != 0 ? 2UL : 0), link, entrySize, alignment, size == 0
                ? (ulong)bytes.Length : size));
        if (address != 0)
            _segments.Add((ElfSegmentType.Load, _parts.Count - 1));
        return _parts.Count - 1;
    }

    /// <summary>Adds a segment over a section.</summary>
    public ElfBuilder Segment(ElfSegmentType type, int section)
    {
        _segments.Add((type, section));
        return this;
    }

    /// <summary>Adds a symbol table and its strings.</summary>
    public ElfBuilder Symbols(
        ElfSectionType type, params (string Name, ulong Address, ulong Size, ElfSymbolKind Kind, ushort Section)[] symbols)
    {
        var strings = new MemoryStream();
        strings.WriteByte(0);
        var table = new byte[24 * (symbols.Length + 1)];
        for (int n = 0; n < symbols.Length; n++)
        {
            Span<byte> entry = table.AsSpan(24 * (n + 1));
            BinaryPrimitives.WriteUInt32LittleEndian(entry, (uint)strings.Length);
            entry[4] = (byte)(0x10 | (int)symbols[n].Kind);
            BinaryPrimitives.WriteUInt16LittleEndian(entry[6..], symbols[n].Section);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[8..], symbols[n].Address);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[16..], symbols[n].Size);
            strings.Write(Encoding.UTF8.GetBytes(symbols[n].Name + '\0'));
        }

        int stringsIndex = Add(".strtab", ElfSectionType.StringTable, strings.ToArray());
        Add(type == ElfSectionType.SymbolTable ? ".symtab" : ".dynsym", type, table, link: stringsIndex, entrySize: 24);
        return this;
    }

    /// <summary>The bytes of a note.</summary>
    public static byte[] Note(string owner, uint type, byte[] description, int alignment = 4)
    {
        var note = new List<byte>();
        note.AddRange(BitConverter.GetBytes(owner.Length + 1));
        note.AddRange(BitConverter.GetBytes(description.Length));
        note.AddRange(BitConverter.GetBytes(type));
        note.AddRange(Encoding.UTF8.GetBytes(owner + '\0'));
        note.AddRange(new byte[-note.Count & (alignment - 1)]);
        note.AddRange(description);
        note.AddRange(new byte[-note.Count & (alignment - 1)]);
        return [.. note];
    }

    /// <summary>The bytes of an SDT note.</summary>
    public static byte[] SdtNote(ulong address, string provider, string name, string arguments, ulong semaphore = 0, ulong baseAddress = 0)
        => Note("stapsdt", 3,
        [
            .. BitConverter.GetBytes(address), .. BitConverter.GetBytes(baseAddress), .. BitConverter.GetBytes(semaphore),
            .. Encoding.UTF8.GetBytes($"{provider}\0{name}\0{arguments}\0"),
        ]);

    public byte[] Bytes()
    {
        var names = new StringBuilder("\0");
        var nameOffsets = new List<int>();
        Part namesPart = new(".shstrtab", ElfSectionType.StringTable, [], 0, 0, 0, 0, 1, 0);
        List<Part> parts = [.. _parts, namesPart];
        foreach (Part part in parts)
        {
            nameOffsets.Add(part.Name.Length == 0 ? 0 : names.Length);
            names.Append(part.Name.Length == 0 ? "" : part.Name + '\0');
        }

        byte[] nameBytes = Encoding.UTF8.GetBytes(names.ToString());
        parts[^1] = namesPart with { Bytes = nameBytes, Size = (ulong)nameBytes.Length };

        var file = new List<byte>(new byte[64 + 56 * _segments.Count]);
        var offsets = new List<ulong>();
        foreach (Part part in parts)
        {
            file.AddRange(new byte[-file.Count & 15]);
            offsets.Add((ulong)file.Count);
            file.AddRange(part.Bytes);
        }

        file.AddRange(new byte[-file.Count & 15]);
        ulong headers = (ulong)file.Count;
        for (int n = 0; n < parts.Count && !WithoutSectionHeaders; n++)
        {
            Part part = parts[n];
            file.AddRange(BitConverter.GetBytes(nameOffsets[n]));
            file.AddRange(BitConverter.GetBytes((uint)part.Type));
            foreach (ulong value in (ReadOnlySpan<ulong>)[part.Flags, part.Address, n == 0 ? 0 : offsets[n], part.Size])
                file.AddRange(BitConverter.GetBytes(value));
            file.AddRange(BitConverter.GetBytes(part.Link));
            file.AddRange(BitConverter.GetBytes(0));
            file.AddRange(BitConverter.GetBytes((ulong)part.Alignment));
            file.AddRange(BitConverter.GetBytes((ulong)part.EntrySize));
        }

        byte[] bytes = [.. file];
        Span<byte> header = bytes;
        "\u007fELF\u0002\u0001\u0001"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header[16..], (ushort)kind);
        BinaryPrimitives.WriteUInt16LittleEndian(header[18..], (ushort)machine);
        BinaryPrimitives.WriteUInt64LittleEndian(header[32..], 64);
        BinaryPrimitives.WriteUInt16LittleEndian(header[54..], 56);
        BinaryPrimitives.WriteUInt16LittleEndian(header[56..], (ushort)_segments.Count);
        if (!WithoutSectionHeaders)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(header[40..], headers);
            BinaryPrimitives.WriteUInt16LittleEndian(header[58..], 64);
            BinaryPrimitives.WriteUInt16LittleEndian(header[60..], (ushort)parts.Count);
            BinaryPrimitives.WriteUInt16LittleEndian(header[62..], (ushort)(parts.Count - 1));
        }

        for (int n = 0; n < _segments.Count; n++)
        {
            (ElfSegmentType type, int section) = _segments[n];
            Part part = parts[section];
            Span<byte> segment = header[(64 + 56 * n)..];
            BinaryPrimitives.WriteUInt32LittleEndian(segment, (uint)type);
            BinaryPrimitives.WriteUInt32LittleEndian(segment[4..], 4 | ((part.Flags & 4) != 0 ? 1U : 0) | ((part.Flags & 1) != 0 ? 2U : 0));
            BinaryPrimitives.WriteUInt64LittleEndian(segment[8..], offsets[section]);
            BinaryPrimitives.WriteUInt64LittleEndian(segment[16..], part.Address);
            BinaryPrimitives.WriteUInt64LittleEndian(segment[24..], part.Address);
            BinaryPrimitives.WriteUInt64LittleEndian(segment[32..], (ulong)part.Bytes.Length);
            BinaryPrimitives.WriteUInt64LittleEndian(segment[40..], part.Size);
            BinaryPrimitives.WriteUInt64LittleEndian(segment[48..], (ulong)part.Alignment);
        }

        return bytes;
    }

    public ElfFile File(string name = "built") => ElfFile.FromBytes(Bytes(), name);

    private sealed record Part(
        string Name, ElfSectionType Type, byte[] Bytes, ulong Address, ulong Flags, int Link, int EntrySize, int Alignment, ulong Size);
}
