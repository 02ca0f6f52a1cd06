using System.Buffers.Binary;
using System.Text;

namespace Virtap.Processes.Programs;

/// <summary>
/// The dynamic linker's cache of libraries, <c>/etc/ld.so.cache</c> in the format that glibc has written since 2.2 (its
/// <c>sysdeps/generic/dl-cache.h</c>): a header, entries of 24 bytes, texts. A damaged one is as good as none.
/// </summary>
internal sealed class LinkerCache
{
    /// <summary>Where it is.</summary>
    public const string UsualPath = "/etc/ld.so.cache";

    private const int HeaderBytes = 48, CountAt = 20, EntryBytes = 24, NameAt = 4, PathAt = 8;

    private readonly ILookup<string, string> _paths;

    private LinkerCache(ILookup<string, string> paths) => _paths = paths;

    /// <summary>Reads a cache; one that is empty where there is none.</summary>
    public static LinkerCache Read(string path)
    {
        try
        {
            return new LinkerCache(Entries(File.ReadAllBytes(path)).ToLookup(static each => each.Name, static each => each.Path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new LinkerCache(Array.Empty<(string Name, string Path)>().ToLookup(static each => each.Name, static each => each.Path));
        }
    }

    /// <summary>Where libraries of a name are: one for each processor and its variants, the best first.</summary>
    public IEnumerable<string> PathsOf(string name) => _paths[name];

    private static List<(string Name, string Path)> Entries(byte[] bytes)
    {
        List<(string, string)> entries = [];

        // Behind a table of the old format may come one of the new one.
        int start = bytes.AsSpan().IndexOf("glibc-ld.so.cache1.1"u8);
        if (start < 0 || bytes.Length - start < HeaderBytes)
            return entries;
        ReadOnlySpan<byte> cache = bytes.AsSpan(start);
        long count = Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(cache[CountAt..]), (uint)(cache.Length - HeaderBytes) / EntryBytes);
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> entry = cache[(HeaderBytes + (i * EntryBytes))..];
            entries.Add((TextAt(cache, BinaryPrimitives.ReadUInt32LittleEndian(entry[NameAt..])),
                TextAt(cache, BinaryPrimitives.ReadUInt32LittleEndian(entry[PathAt..]))));
        }

        return entries;
    }

    private static string TextAt(ReadOnlySpan<byte> cache, uint at)
    {
        if (at >= cache.Length)
            return "";
        ReadOnlySpan<byte> text = cache[(int)at..];
        int end = text.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? text : text[..end]);
    }
}
