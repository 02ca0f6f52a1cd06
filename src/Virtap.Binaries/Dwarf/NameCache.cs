using System.Globalization;

namespace Virtap.Binaries.Dwarf;

/// <summary>
/// A directory with the names that large debug information defines, so that they are collected once: a file for each, named by its build
/// id. What cannot be written is collected anew, what is damaged or of something else is not used; nothing here is ever an error.
/// </summary>
/// <param name="directory">It is made where it is missing, for its user alone.</param>
/// <param name="maxBytes">The most that all files may take; those that were used longest ago go.</param>
/// <param name="minInfoBytes">Of less debug information names are collected as fast as read, and none is written.</param>
public sealed class NameCache(string directory, long maxBytes = 512L << 20, int minInfoBytes = 2 << 20)
{
    private const string Suffix = ".names", Unfinished = ".new";
    private const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Others = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
    private static readonly TimeSpan s_unfinishedAge = TimeSpan.FromHours(1);

    /// <summary>
    /// The user's: <c>/var/cache/virtap</c> for root, who does not believe what another user's directory says; else
    /// <c>$XDG_CACHE_HOME/virtap</c> or <c>~/.cache/virtap</c>. Null where there is none of these.
    /// </summary>
    public static NameCache? OfUser { get; } = DirectoryOfUser() is { } directory ? new NameCache(directory) : null;

    /// <summary>Bytes of debug information whose names are worth keeping.</summary>
    internal int MinInfoBytes => minInfoBytes;

    /// <summary>The names of debug information; null where they are not there, or not to be believed.</summary>
    /// <param name="id">Its build id, in hexadecimal.</param>
    /// <param name="key">What else it is recognised by.</param>
    internal NameTable? Find(string id, string key)
    {
        try
        {
            string path = PathOf(id);
            if (!IsOurs() || new FileInfo(path) is not { Exists: true, LinkTarget: null } file || file.Length > maxBytes)
                return null;
            if (NameTable.TryRead(File.ReadAllBytes(path), key) is not { } table)
                return null;
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow);
            return table;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or OutOfMemoryException)
        {
            return null;
        }
    }

    /// <summary>Keeps names for the next time.</summary>
    internal void Keep(string id, NameTable table)
    {
        try
        {
            if (table.Bytes.Length > maxBytes / 2 || OperatingSystem.IsWindows())
                return;
            Directory.CreateDirectory(directory, Own);
            if (!IsOurs())
                return;
            Shrink(maxBytes - table.Bytes.Length);

            // Renamed into place: who reads at the same moment has the old one or the new one whole.
            string path = PathOf(id);
            string unfinished = string.Create(CultureInfo.InvariantCulture, $"{path}.{Environment.ProcessId}{Unfinished}");
            using (var file = new FileStream(unfinished, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
                file.Write(table.Bytes);
            File.Move(unfinished, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A full disk, a home that cannot be written: the next one collects them again.
        }
    }

    private static string? DirectoryOfUser()
    {
        if (Environment.IsPrivilegedProcess)
            return "/var/cache/virtap";
        if (Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } caches && Path.IsPathRooted(caches))
            return Path.Combine(caches, "virtap");
        return Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } home ? Path.Combine(home, ".cache", "virtap") : null;
    }

    private string PathOf(string id) => Path.Combine(directory, id + Suffix);

    /// <summary>Whether the directory is one that only its owner writes to.</summary>
    private bool IsOurs() =>
        !OperatingSystem.IsWindows() && Directory.Exists(directory) && (File.GetUnixFileMode(directory) & Others) == 0;

    /// <summary>Deletes what was used longest ago until the rest takes no more than so many bytes, and what was left half done.</summary>
    private void Shrink(long bytes)
    {
        long kept = 0;
        FileInfo[] files = new DirectoryInfo(directory).GetFiles();
        foreach (FileInfo file in files.OrderByDescending(static file => file.LastWriteTimeUtc))
        {
            bool isUnfinished = file.Name.EndsWith(Unfinished, StringComparison.Ordinal);
            if (!isUnfinished && !file.Name.EndsWith(Suffix, StringComparison.Ordinal))
                continue;
            kept += file.Length;
            if (isUnfinished ? DateTime.UtcNow - file.LastWriteTimeUtc > s_unfinishedAge : kept > bytes)
                file.Delete();
        }
    }
}
