using System.Buffers.Text;
using System.Collections;
using System.Text;
using Virtap.Processes.Access;
using Virtap.Processes.Files;

namespace Virtap.Processes.Memory;

/// <summary>The mappings of a process at one moment, by ascending address.</summary>
public sealed class Mappings : IReadOnlyList<Mapping>
{
    private readonly Mapping[] _mappings;

    private Mappings(Mapping[] mappings) => _mappings = mappings;

    /// <inheritdoc/>
    public int Count => _mappings.Length;

    /// <inheritdoc/>
    public Mapping this[int index] => _mappings[index];

    /// <summary>Reads the mappings of a process.</summary>
    /// <exception cref="ProcessException">It has ended, or may not be looked into.</exception>
    public static Mappings Read(int pid) => Parse(ProcessFiles.Read(pid, "maps", "the list of mappings"));

    /// <summary>
    /// Parses text in the form of <c>/proc/PID/maps</c> (proc_pid_maps(5)). Lines that are not of that form are left out.
    /// </summary>
    public static Mappings Parse(ReadOnlySpan<byte> text)
    {
        var mappings = new List<Mapping>();
        // Several ranges of one file follow each other: they share one string.
        ReadOnlySpan<byte> lastName = [];
        string lastPath = "";
        while (!text.IsEmpty)
        {
            int end = text.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? text : text[..end];
            text = end < 0 ? [] : text[(end + 1)..];
            if (!TryParse(line, out Mapping mapping, out ReadOnlySpan<byte> name))
                continue;
            bool deleted = name.EndsWith(" (deleted)"u8);
            if (deleted)
                name = name[..^" (deleted)".Length];
            if (!name.SequenceEqual(lastName))
            {
                lastName = name;
                // The only character that maps escapes.
                lastPath = Encoding.UTF8.GetString(name).Replace("\\012", "\n", StringComparison.Ordinal);
            }

            mappings.Add(mapping with { Path = lastPath, IsDeleted = deleted });
        }

        Mapping[] sorted = [.. mappings];
        // In order already, unless the process changed its mappings while the kernel wrote the list.
        Array.Sort(sorted, (a, b) => a.Start.CompareTo(b.Start));
        return new Mappings(sorted);
    }

    /// <summary>Mappings in whatever order.</summary>
    internal static Mappings Of(IEnumerable<Mapping> mappings) => new([.. mappings.OrderBy(m => m.Start)]);

    /// <summary>The mapping that an address lies in, or null.</summary>
    public Mapping? At(ulong address)
    {
        int low = 0, high = _mappings.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_mappings[middle].End <= address)
                low = middle + 1;
            else
                high = middle;
        }

        return low < _mappings.Length && _mappings[low].Contains(address) ? _mappings[low] : null;
    }

    /// <summary>
    /// How far an ELF file is moved in this process: run-time address minus link-time address, modulo 2^64.
    /// </summary>
    /// <param name="file">The file, as the mappings name it.</param>
    /// <param name="codeOffset">p_offset of an executable PT_LOAD segment of it.</param>
    /// <param name="codeAddress">p_vaddr of the same segment.</param>
    /// <returns>Null when the segment is not mapped.</returns>
    public ulong? LoadBias(FileIdentity file, ulong codeOffset, ulong codeAddress)
    {
        // Executable mappings only: a page of the file that holds the end of one segment and the beginning of the next is mapped for both,
        // and a process may have mapped the whole file once more to read it.
        foreach (Mapping mapping in _mappings)
        {
            if (mapping.File == file && (mapping.Protection & MappingProtection.Execute) != 0
                && codeOffset >= mapping.Offset && codeOffset < mapping.Offset + mapping.Length)
                return mapping.Start - mapping.Offset + codeOffset - codeAddress;
        }

        return null;
    }

    /// <inheritdoc/>
    public IEnumerator<Mapping> GetEnumerator() => ((IEnumerable<Mapping>)_mappings).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    // 55d0c9a4b000-55d0c9a4d000 r--p 00001000 fe:01 1234                       /usr/bin/cat
    private static bool TryParse(ReadOnlySpan<byte> line, out Mapping mapping, out ReadOnlySpan<byte> name)
    {
        mapping = default;
        name = default;
        if (!TakeHex(ref line, (byte)'-', out ulong start) || !TakeHex(ref line, (byte)' ', out ulong end) || end <= start
            || line.Length < 5)
            return false;
        MappingProtection protection = (line[0] == 'r' ? MappingProtection.Read : 0) | (line[1] == 'w' ? MappingProtection.Write : 0)
            | (line[2] == 'x' ? MappingProtection.Execute : 0) | (line[3] == 's' ? MappingProtection.Shared : 0);
        line = line[5..];
        if (!TakeHex(ref line, (byte)' ', out ulong offset) || !TakeHex(ref line, (byte)':', out ulong major)
            || !TakeHex(ref line, (byte)' ', out ulong minor)
            || !Utf8Parser.TryParse(line, out ulong inode, out int used))
            return false;
        name = line[used..].TrimStart((byte)' ');
        mapping = new Mapping(start, end, protection, offset, new FileIdentity((uint)major, (uint)minor, inode), "", false);
        return true;
    }

    private static bool TakeHex(ref ReadOnlySpan<byte> line, byte terminator, out ulong value)
    {
        if (!Utf8Parser.TryParse(line, out value, out int used, 'x') || used >= line.Length || line[used] != terminator)
            return false;
        line = line[(used + 1)..];
        return true;
    }
}
