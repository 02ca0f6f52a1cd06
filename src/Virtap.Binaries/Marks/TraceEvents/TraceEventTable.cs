using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Virtap.Binaries.Marks.TraceEvents;

/// <summary>
/// The declarations of QEMU's trace events, from the file <c>trace-events-all</c> that QEMU installs: half a megabyte of text, of which
/// only the lines that are asked for are read. The first lookups search the text (30 µs each); who looks up more often gets an index.
/// </summary>
public sealed class TraceEventTable
{
    private const int LookupsBeforeIndex = 16;
    private const long MaxFileSize = 64 << 20;

    private readonly ReadOnlyMemory<byte> _text;
    private int _lookups;
    private Dictionary<string, int>? _lines;

    /// <summary>Takes declarations from text.</summary>
    /// <param name="text">The file's, in UTF-8.</param>
    /// <param name="source">Where it comes from, for messages.</param>
    public TraceEventTable(ReadOnlyMemory<byte> text, string source)
    {
        _text = text;
        Source = source;
    }

    /// <summary>Where QEMU's packages put the file: upstream's place, which Debian and Fedora keep, and RHEL's.</summary>
    public static IReadOnlyList<string> UsualPaths { get; } = ["/usr/share/qemu/trace-events-all", "/usr/share/qemu-kvm/trace-events-all"];

    /// <summary>The declarations of virtio's and the block layer's main events, for hosts without the file.</summary>
    public static TraceEventTable BuiltIn { get; } = new(BuiltInTraceEvents.Text.ToArray(), "built in");

    /// <summary>Where the declarations come from: a path, or <c>built in</c>.</summary>
    public string Source { get; }

    /// <summary>All declarations, in the file's order.</summary>
    public IEnumerable<TraceEvent> All
    {
        get
        {
            for (int at = 0; at < _text.Length; at = EndOfLine(at) + 1)
            {
                if (ParseLine(at) is TraceEvent declaration)
                    yield return declaration;
            }
        }
    }

    /// <summary>Reads the file; null where it is not there or cannot be read.</summary>
    public static TraceEventTable? TryOpen(string path)
    {
        try
        {
            var file = new FileInfo(path);
            return file.Exists && file.Length <= MaxFileSize ? new TraceEventTable(File.ReadAllBytes(path), path) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Reads the file where packages put it; null where it is in none of the places.</summary>
    /// <param name="root">The root of the file system to look in: <c>/proc/PID/root</c> for a process in a container.</param>
    public static TraceEventTable? TryOpenOfHost(string root = "/")
        => UsualPaths.Select(path => TryOpen(root.TrimEnd('/') + path)).FirstOrDefault(table => table is not null);

    /// <summary>Finds the declaration of an event.</summary>
    /// <param name="name">Its whole name.</param>
    /// <param name="declaration">The declaration.</param>
    public bool TryFind(string name, [NotNullWhen(true)] out TraceEvent? declaration)
    {
        int line = ++_lookups > LookupsBeforeIndex ? (_lines ??= IndexLines()).GetValueOrDefault(name, -1) : FindLine(name);
        declaration = line < 0 ? null : ParseLine(line);
        if (declaration?.Name != name)
            declaration = null;
        return declaration is not null;
    }

    private int FindLine(string name)
    {
        if (name.Length == 0)
            return -1;
        ReadOnlySpan<byte> text = _text.Span, wanted = Encoding.UTF8.GetBytes(name + '(');
        for (int from = 0; text[from..].IndexOf(wanted) is int found and >= 0; from += found + 1)
        {
            int at = from + found;
            int start = text[..at].LastIndexOf((byte)'\n') + 1;
            if ((at == start || text[at - 1] == ' ') && text[start..at].IndexOfAny("(#\""u8) < 0)
                return start;
        }

        return -1;
    }

    private Dictionary<string, int> IndexLines()
    {
        Dictionary<string, int> lines = [];
        ReadOnlySpan<byte> text = _text.Span;
        for (int at = 0; at < text.Length; at = EndOfLine(at) + 1)
        {
            ReadOnlySpan<byte> line = text[at..EndOfLine(at)];
            int open = line.IndexOf((byte)'(');
            if (open <= 0 || line[0] == '#')
                continue;
            ReadOnlySpan<byte> name = line[..open].TrimEnd((byte)' ');
            lines.TryAdd(Encoding.UTF8.GetString(name[(name.LastIndexOf((byte)' ') + 1)..]), at);
        }

        return lines;
    }

    private int EndOfLine(int at)
    {
        int length = _text.Span[at..].IndexOf((byte)'\n');
        return length < 0 ? _text.Length : at + length;
    }

    private TraceEvent? ParseLine(int at)
    {
        ReadOnlySpan<byte> line = _text.Span[at..EndOfLine(at)];
        return line.IsEmpty || line[0] == '#' ? null : TraceEventParser.Parse(Encoding.UTF8.GetString(line));
    }
}
