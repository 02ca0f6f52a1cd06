using Virtap.Binaries.Dwarf;
using Virtap.Binaries.Elf;
using Virtap.Binaries.Images;
using Virtap.Processes.Cores;
using Virtap.Processes.Files;
using Virtap.Processes.Memory;

namespace Virtap.Processes.Stacks;

/// <summary>
/// The programs and libraries of processes, each opened once: a library that many processes have mapped is one image. What cannot be
/// opened is null, and stays so.
/// </summary>
/// <param name="search">Where debug information is sought that is not in a file itself.</param>
public sealed class CodeImages(DebugFileSearch search) : IDisposable
{
    private const int MaxVdso = 1 << 16;

    private readonly Dictionary<(FileIdentity File, string Path), CodeImage?> _images = [];
    private readonly List<CodeImage> _unshared = [];
    private readonly List<string> _problems = [];

    /// <summary>What could not be opened or read, as sentences.</summary>
    public IEnumerable<string> Problems =>
        _problems.Concat(_images.Values.Concat(_unshared).SelectMany(static image => image?.Problems ?? [])).Distinct();

    /// <summary>The image behind a mapping; null where there is none, or it cannot be opened.</summary>
    /// <param name="process">The process.</param>
    /// <param name="mapping">A mapping of it.</param>
    public CodeImage? Of(TargetProcess process, Mapping mapping)
    {
        if (!mapping.IsFile)
            return mapping.Path == "[vdso]" ? OfMemory(process, mapping) : null;
        (FileIdentity, string Path) key = (mapping.File, mapping.Path);
        if (!_images.TryGetValue(key, out CodeImage? image))
            _images[key] = image = Open(process, mapping);
        return image;
    }

    /// <summary>The image of the program that a process runs, also when its file has no name any more.</summary>
    /// <param name="process">The process.</param>
    /// <param name="mappings">Its mappings.</param>
    /// <exception cref="ElfFormatException">It is no program that Virtap reads.</exception>
    /// <exception cref="IOException">It cannot be read, or the process has ended.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public CodeImage OfProgram(TargetProcess process, Mappings mappings)
    {
        string path = process.ExecutablePath, name = process.ExecutableName ?? path;
        bool isDeleted = process is LiveProcess { IsExecutableDeleted: true };
        (FileIdentity File, string)[] keys = [.. mappings.Where(each => each.IsFile && each.Path == name && each.IsDeleted == isDeleted)
            .Take(1).Select(each => (each.File, name))];
        if (keys is [var known] && _images.GetValueOrDefault(known) is { } opened)
            return opened;
        CodeImage image = CodeImage.Open(path, name, search, PlaceOf(process, name));
        if (keys is [var key])
            _images[key] = image;
        else
            _unshared.Add(image);
        return image;
    }

    /// <summary>The image of a file that no process need have mapped.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ElfFormatException">It is no ELF file that Virtap reads.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public CodeImage OfFile(string path)
    {
        CodeImage image = CodeImage.Open(path, path, search);
        _unshared.Add(image);
        return image;
    }

    /// <summary>Closes the files.</summary>
    public void Dispose()
    {
        foreach (CodeImage? image in _images.Values.Concat(_unshared))
            image?.Dispose();
        _images.Clear();
        _unshared.Clear();
    }

    private CodeImage? Open(TargetProcess process, Mapping mapping)
    {
        foreach (string path in PathsOf(process, mapping))
        {
            try
            {
                return CodeImage.Open(path, mapping.Path, search, PlaceOf(process, mapping.Path));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The next way may lead there.
                continue;
            }
            catch (ElfFormatException e)
            {
                _problems.Add(e.Message);
                return null;
            }
        }

        _problems.Add($"{mapping.Path}, which {process.Label} has mapped, cannot be opened");
        return null;
    }

    private static IEnumerable<string> PathsOf(TargetProcess process, Mapping mapping)
    {
        switch (process)
        {
            case LiveProcess live:
                yield return live.PathTo(mapping);
                // Without the capability that this takes: its name, if that is still the file.
                string named = live.RootPath + mapping.Path;
                if (FileIdentity.Of(named) is { } identity && identity.Inode == mapping.File.Inode)
                    yield return named;
                break;
            default:
                yield return mapping.Path == process.ExecutableName ? process.ExecutablePath : mapping.Path;
                break;
        }
    }

    /// <summary>Where a file lies that has another path here than in its process: in a container.</summary>
    private static string? PlaceOf(TargetProcess process, string path) =>
        process is LiveProcess live && FileIdentity.Of(live.RootPath + path) is { } identity && FileIdentity.Of(path) != identity
            ? live.RootPath + path : null;

    private CodeImage? OfMemory(TargetProcess process, Mapping mapping)
    {
        byte[] bytes = new byte[Math.Min(mapping.Length, MaxVdso)];
        if (!process.Memory.TryRead(mapping.Start, bytes))
            return null;
        try
        {
            CodeImage image = CodeImage.OfMemory(bytes, mapping.Path);
            _unshared.Add(image);
            return image;
        }
        catch (ElfFormatException)
        {
            return null;
        }
    }
}
