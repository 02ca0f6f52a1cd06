using Virtap.Binaries.Elf;
using Virtap.Processes.Files;

namespace Virtap.Processes.Programs;

/// <summary>
/// Finds the libraries that a program is started with, without starting it: those that it and they need, each where the dynamic linker
/// would find it (ld.so(8)): the run path, <c>$LD_LIBRARY_PATH</c>, the linker's cache, the usual directories. What a program loads by
/// itself later is known of a running process only: <see cref="MappedBy"/>.
/// </summary>
public sealed class LibrarySearch
{
    private const int MaxLibraries = 1024;

    private static readonly string[] s_usual =
        ["/lib64", "/usr/lib64", "/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib/aarch64-linux-gnu",
            "/usr/lib/aarch64-linux-gnu", "/lib", "/usr/lib", "/usr/local/lib"];

    private readonly string _root;
    private readonly LinkerCache _cache;

    private LibrarySearch(string root)
    {
        _root = root;
        _cache = LinkerCache.Read(root + LinkerCache.UsualPath);
    }

    /// <summary>The libraries of a program, its dynamic linker among them.</summary>
    /// <param name="program">The program.</param>
    /// <param name="file">Where it is; one that is opened in another process's root directory has its libraries there.</param>
    public static IReadOnlyList<ExecutableFile> NeededBy(ElfFile program, ExecutableFile file)
    {
        string root = file.OpenPath.EndsWith(file.Path, StringComparison.Ordinal) ? file.OpenPath[..^file.Path.Length] : "";
        return new LibrarySearch(root).Find(program, file.Path);
    }

    /// <summary>The libraries that a process has mapped, whoever loaded them.</summary>
    public static IReadOnlyList<ExecutableFile> MappedBy(LiveProcess process)
    {
        List<ExecutableFile> found = [];
        FileIdentity? own = process.Executable;
        foreach (Memory.Mapping mapping in process.ReadMappings()
            .Where(static each => each.IsFile && each.Protection.HasFlag(Memory.MappingProtection.Execute)))
        {
            string open = process.PathTo(mapping);
            if (FileIdentity.OfRegular(open) is { } identity && identity != own && found.TrueForAll(each => each.Identity != identity))
                found.Add(new ExecutableFile(mapping.Path, open, identity));
        }

        return found;
    }

    private List<ExecutableFile> Find(ElfFile program, string path)
    {
        List<ExecutableFile> found = [];
        Queue<(string Name, IReadOnlyList<string> RunPaths)> open = new();
        if (program.Interpreter is { } linker)
            open.Enqueue((linker, []));
        Enqueue(program, path);
        HashSet<string> known = [];
        while (open.TryDequeue(out (string Name, IReadOnlyList<string> RunPaths) next) && found.Count < MaxLibraries)
        {
            if (!known.Add(next.Name) || Locate(next.Name, next.RunPaths, program) is not { } library
                || found.Exists(each => each.Identity == library.Identity))
                continue;
            found.Add(library);
            try
            {
                using ElfFile elf = ElfFile.Open(library.OpenPath);
                Enqueue(elf, library.Path);
            }
            catch (Exception e) when (e is ElfFormatException or IOException or UnauthorizedAccessException)
            {
                // It was a library of this processor a moment ago; what it needs is not known then.
            }
        }

        return found;

        void Enqueue(ElfFile elf, string itself)
        {
            string origin = Path.GetDirectoryName(itself) ?? "/";
            string[] paths = [.. elf.LibraryPaths.Select(
                each => each.Replace("${ORIGIN}", origin, StringComparison.Ordinal).Replace("$ORIGIN", origin, StringComparison.Ordinal))];
            foreach (string name in elf.NeededLibraries)
                open.Enqueue((name, paths));
        }
    }

    private ExecutableFile? Locate(string name, IReadOnlyList<string> runPaths, ElfFile program)
    {
        if (name.Contains('/'))
            return Open(name, program);
        string[] asked = _root.Length > 0
            ? [] : (Environment.GetEnvironmentVariable("LD_LIBRARY_PATH") ?? "").Split(':', ';').Where(static each => each != "").ToArray();
        IEnumerable<string> candidates = asked.Concat(runPaths).Select(folder => $"{folder}/{name}")
            .Concat(_cache.PathsOf(name)).Concat(s_usual.Select(folder => $"{folder}/{name}"));
        return candidates.Select(path => Open(path, program)).FirstOrDefault(static each => each is not null);
    }

    /// <summary>A file that is a library for the program's processor; its path as it is when links are followed.</summary>
    private ExecutableFile? Open(string path, ElfFile program)
    {
        if (FileIdentity.OfRegular(_root + path) is null)
            return null;
        string real = ExecutableSearch.RealPath(_root + path) is { } resolved && resolved.StartsWith(_root, StringComparison.Ordinal)
            ? resolved[_root.Length..] : path;
        if (FileIdentity.OfRegular(_root + real) is not { } identity)
            return null;
        try
        {
            using ElfFile elf = ElfFile.Open(_root + real);
            return elf.Architecture == program.Architecture ? new ExecutableFile(real, _root + real, identity) : null;
        }
        catch (Exception e) when (e is ElfFormatException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
