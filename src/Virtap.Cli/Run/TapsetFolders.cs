using Virtap.Language;
using Virtap.Language.Library;

namespace Virtap.Cli.Run;

/// <summary>
/// The files of -I folders, and of those where tapsets are installed. As with SystemTap, a folder is not searched to its depth: beside it
/// count its folders for the kernel's version and the processor, its folder <c>linux</c> with the same ones in it, and <c>PATH</c>.
/// </summary>
/// <param name="kernelRelease">As <c>uname -r</c> says it.</param>
/// <param name="architecture">In SystemTap's names.</param>
internal sealed class TapsetFolders(string kernelRelease, string architecture)
{
    /// <summary>Where SystemTap's own package has its tapset, and others put theirs beside it.</summary>
    private const string Packaged = "/usr/share/systemtap/tapset";

    /// <summary>Whether files of a folder may declare once more what our own tapset has, which then counts.</summary>
    public static bool IsPackaged(string folder) =>
        (Path.GetFullPath(folder) + "/").StartsWith(Packaged + "/", StringComparison.Ordinal);

    /// <summary>
    /// The folders of what others have installed, in the order in which they count: that of SystemTap's package, or of SYSTEMTAP_TAPSET in
    /// its place, and <c>systemtap/tapset</c> in those of XDG_DATA_DIRS.
    /// </summary>
    /// <param name="variable">The value of an environment variable; null where it is not set.</param>
    public static IEnumerable<string> Installed(Func<string, string?> variable) =>
    [
        variable("SYSTEMTAP_TAPSET") ?? Packaged,
        .. (variable("XDG_DATA_DIRS") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(static folder => Path.Combine(folder, "systemtap/tapset")),
    ];

    /// <summary>The scripts of a folder, read.</summary>
    /// <exception cref="IOException">The folder, or a file, cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public IEnumerable<TapsetFile> Read(string folder)
    {
        string paths = Path.Combine(folder, "PATH");
        return Files(folder, ".stp").Select(file => new TapsetFile(
            new SourceText(file, File.ReadAllText(file)),
            file.StartsWith(paths + "/", StringComparison.Ordinal) ? Path.GetDirectoryName(file[paths.Length..]) : null));
    }

    /// <summary>
    /// The files of a folder with an ending, the more special folders first, and last those in its folder <c>PATH</c>, to any depth.
    /// </summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public IEnumerable<string> Files(string folder, string ending)
    {
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException("there is no such directory");
        return Suffixes().SelectMany(suffix => new[] { Path.Combine(folder, "linux", suffix), Path.Combine(folder, suffix) })
            .SelectMany(each => FilesIn(each, ending, SearchOption.TopDirectoryOnly))
            .Concat(FilesIn(Path.Combine(folder, "PATH"), ending, SearchOption.AllDirectories));
    }

    private static IEnumerable<string> FilesIn(string folder, string ending, SearchOption depth) => !Directory.Exists(folder)
        ? [] : Directory.EnumerateFiles(folder, "*" + ending, depth)
            .Where(file => file.EndsWith(ending, StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    /// <summary>6.1.0-9-amd64, 6.1.0, 6.1 and nothing, each with the processor's folder before it.</summary>
    private IEnumerable<string> Suffixes()
    {
        List<string> versions = [kernelRelease];
        string shorter = kernelRelease.Split('-')[0];
        if (shorter != kernelRelease)
            versions.Add(shorter);
        for (int dot = shorter.LastIndexOf('.'); shorter.IndexOf('.', StringComparison.Ordinal) < dot; dot = shorter.LastIndexOf('.'))
        {
            shorter = shorter[..dot];
            versions.Add(shorter);
        }

        return versions.Append("").SelectMany(version => new[] { Path.Combine(version, architecture), version });
    }
}
