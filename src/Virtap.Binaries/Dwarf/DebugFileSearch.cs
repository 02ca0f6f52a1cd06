using System.Text;
using Virtap.Binaries.Elf;

namespace Virtap.Binaries.Dwarf;

/// <summary>Where debug information is sought that is not in the program itself. Nothing is downloaded.</summary>
public sealed record DebugFileSearch
{
    /// <summary>Directories as <c>/usr/lib/debug</c>, which have <c>.build-id</c> and the paths of programs.</summary>
    public IReadOnlyList<string> Roots { get; init; } = ["/usr/lib/debug"];

    /// <summary>Cache of debuginfod's client: a directory for each build id.</summary>
    public IReadOnlyList<string> DebuginfodCaches { get; init; } = [];

    /// <summary>Where names are kept that large debug information defines; null for nowhere.</summary>
    public NameCache? Names { get; init; }

    /// <summary>
    /// As gdb and elfutils seek: /usr/lib/debug, and what debuginfod's client has downloaded before ($DEBUGINFOD_CACHE_PATH, else
    /// $XDG_CACHE_HOME/debuginfod_client, else ~/.cache/debuginfod_client).
    /// </summary>
    public static DebugFileSearch OfSystem { get; } = new() { DebuginfodCaches = [.. Caches()], Names = NameCache.OfUser };

    /// <summary>Opens the file with a program's debug information, which is not the program itself; null where there is none.</summary>
    /// <param name="file">The program.</param>
    /// <param name="path">Where it lies, for links that are relative to it.</param>
    internal ElfFile? Open(ElfFile file, string path)
    {
        if (file.BuildId is { } id)
        {
            foreach (string candidate in ByBuildId(id))
            {
                if (TryOpen(candidate) is { } found)
                    return found;
            }
        }

        return file.DebugLink is { } link ? OpenLinked(file, path, link) : null;
    }

    /// <summary>
    /// Opens the file that several programs' debug information shares (<c>.gnu_debugaltlink</c>); null where there is none.
    /// </summary>
    /// <param name="debugFile">The file that refers to it.</param>
    internal ElfFile? OpenAlternate(ElfFile debugFile)
    {
        if (debugFile.FindSection(".gnu_debugaltlink"u8) is not { } section)
            return null;
        ReadOnlySpan<byte> bytes = debugFile.Contents(section);
        int end = bytes.IndexOf((byte)0);
        if (end <= 0)
            return null;
        string name = Encoding.UTF8.GetString(bytes[..end]), id = Convert.ToHexStringLower(bytes[(end + 1)..]);
        string directory = Path.GetDirectoryName(RealPath(debugFile.Path)) ?? "/";
        foreach (string candidate in (IEnumerable<string>)[Path.Combine(directory, name), .. ByBuildId(id)])
        {
            if (TryOpen(candidate) is not { } found)
                continue;
            if (found.BuildId == id)
                return found;
            found.Dispose();
        }

        return null;
    }

    private static IEnumerable<string> Caches()
    {
        if (Environment.GetEnvironmentVariable("DEBUGINFOD_CACHE_PATH") is { Length: > 0 } cache)
            yield return cache;
        else if (Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } caches)
            yield return Path.Combine(caches, "debuginfod_client");
        else if (Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } home)
            yield return Path.Combine(home, ".cache", "debuginfod_client");
    }

    private IEnumerable<string> ByBuildId(string id)
    {
        if (id.Length < 4)
            yield break;
        foreach (string root in Roots)
            yield return Path.Combine(root, ".build-id", id[..2], id[2..] + ".debug");
        foreach (string cache in DebuginfodCaches)
            yield return Path.Combine(cache, id, "debuginfo");
    }

    private ElfFile? OpenLinked(ElfFile file, string path, ElfDebugLink link)
    {
        // The name is the file's own word: only a name, no path to somewhere else.
        if (link.FileName.Contains('/', StringComparison.Ordinal))
            return null;
        string real = RealPath(path);
        string directory = Path.GetDirectoryName(real) ?? "/";
        IEnumerable<string> candidates = [
            Path.Combine(directory, link.FileName), Path.Combine(directory, ".debug", link.FileName),
            .. Roots.Select(root => Path.Combine(root, directory.TrimStart('/'), link.FileName))];
        foreach (string candidate in candidates)
        {
            if (candidate == real || TryOpen(candidate) is not { } found)
                continue;
            if (file.BuildId is { } id && found.BuildId is { } other ? id == other : Checksum(candidate) == link.Crc32)
                return found;
            found.Dispose();
        }

        return null;
    }

    /// <summary>CRC-32 of a file as zlib has it, a bit at a time: asked for rarely, and only where files have no build ids.</summary>
    private static uint Checksum(string path)
    {
        const uint polynomial = 0xedb88320;
        uint crc = uint.MaxValue;
        var buffer = new byte[1 << 16];
        using FileStream stream = File.OpenRead(path);
        for (int read = stream.Read(buffer); read > 0; read = stream.Read(buffer))
        {
            foreach (byte b in buffer.AsSpan(0, read))
            {
                crc ^= b;
                for (int bit = 0; bit < 8; bit++)
                    crc = (crc >> 1) ^ (polynomial & (0 - (crc & 1)));
            }
        }

        return ~crc;
    }

    private static string RealPath(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return path;
        }
    }

    private static ElfFile? TryOpen(string path)
    {
        if (!File.Exists(path))
            return null;
        try
        {
            return ElfFile.Open(path);
        }
        catch (Exception e) when (e is ElfFormatException or IOException or UnauthorizedAccessException)
        {
            // One that is damaged or may not be read is as good as none: the next place may have it.
            return null;
        }
    }
}
