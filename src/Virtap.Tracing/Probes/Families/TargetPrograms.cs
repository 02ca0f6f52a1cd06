using Virtap.Binaries.Elf;
using Virtap.Language.Binding.Targets;
using Virtap.Names;
using Virtap.Processes;
using Virtap.Processes.Files;
using Virtap.Processes.Memory;
using Virtap.Processes.Programs;

namespace Virtap.Tracing.Probes.Families;

/// <summary>
/// What <c>process("PATH")</c>, <c>process(PID)</c> and <c>process</c> mean: files, each opened once however many probe points name it.
/// </summary>
internal sealed class TargetPrograms(ProbeOptions options) : IDisposable
{
    private readonly Dictionary<FileIdentity, ProbedBinary> _binaries = [];
    private readonly StackSigns _stacks = new();

    /// <summary>Every file opened so far.</summary>
    public IReadOnlyCollection<ProbedBinary> Binaries => _binaries.Values;

    /// <summary>The programs that the first component of a probe point means.</summary>
    /// <param name="component"><c>process</c> with or without an argument.</param>
    /// <param name="problem">Why there are none.</param>
    private List<TargetProgram> Find(ProbePointComponent component, out ProbeResolution? problem)
    {
        IReadOnlyList<(ExecutableFile File, int? Process)> files = FindFiles(component, out problem);
        var programs = new List<TargetProgram>(files.Count);
        foreach ((ExecutableFile file, int? process) in files)
        {
            if (TryOpen(file, out ProbedBinary? binary, out string? reason))
                programs.Add(new TargetProgram(binary!, process));
            else
                problem ??= new ProbeResolution([], reason);
        }

        // A pattern may well match files that are no programs.
        if (programs.Count > 0)
            problem = null;
        return programs;
    }

    /// <summary>What a probe point in programs' code stands for.</summary>
    /// <param name="point">The probe point, whose first component says which programs.</param>
    /// <param name="find">What it means in one of them.</param>
    /// <param name="noMatch">What to say where it means nothing in any of them.</param>
    public ProbeResolution Resolve(
        ProbePoint point,
        Func<TargetProgram, IEnumerable<ProbeTarget>> find,
        Func<IReadOnlyList<TargetProgram>, ProbeResolution> noMatch)
    {
        IReadOnlyList<TargetProgram> programs = Find(point.Components[0], out ProbeResolution? problem);
        if (problem is null && ProcessForms.LibraryOf(point) is { Text: { } library })
            programs = FindLibraries(programs, library, out problem);
        if (problem is not null)
            return problem;
        try
        {
            List<ProbeTarget> targets = [.. programs.SelectMany(find)];
            return targets.Count > 0 ? ReturnSites.Of(targets, _stacks) : noMatch(programs);
        }
        catch (ElfFormatException e)
        {
            return new ProbeResolution([], e.Message);
        }
    }

    /// <summary>
    /// A file by the name that a script has for it: one that is there by that name, else a library of what is probed; null where it is
    /// no program.
    /// </summary>
    /// <param name="name">The name.</param>
    /// <param name="place">What is probed; null where that is no code.</param>
    public ProbedBinary? OpenModule(string name, CodeTarget? place)
    {
        if (FindByName(name, out _) is [(var file, _), ..])
            return TryOpen(file, out ProbedBinary? binary, out _) ? binary : null;
        return place is null ? null
            : LibrariesOf(new TargetProgram(place.Binary, place.Process ?? options.TargetProcess, place.Owner), name)
                .Select(static found => found.Binary).FirstOrDefault();
    }

    /// <summary>The file whose code a process has at an address, and where in the file; null where it has none from a file.</summary>
    public (ProbedBinary File, ulong Offset)? FindMapped(int id, ulong address)
    {
        if (LiveProcess.Find(id) is not { } process
            || process.ReadMappings().At(address) is not { IsFile: true, Protection: var protection } mapping
            || !protection.HasFlag(MappingProtection.Execute)
            || FileIdentity.OfRegular(process.PathTo(mapping)) is not { } identity)
            return null;
        return TryOpen(new ExecutableFile(mapping.Path, process.PathTo(mapping), identity), out ProbedBinary? binary, out _)
            ? (binary!, mapping.Offset + (address - mapping.Start)) : null;
    }

    private List<TargetProgram> FindLibraries(
        IReadOnlyList<TargetProgram> programs, string library, out ProbeResolution? problem)
    {
        List<TargetProgram> found = [.. programs.SelectMany(program => LibrariesOf(program, library))];
        problem = found.Count > 0 ? null
            : new ProbeResolution([], NoLibrary(library, programs[0]), $"no library of {programs[0].Binary.Path} matches '{library}'");
        return found;
    }

    private IEnumerable<TargetProgram> LibrariesOf(TargetProgram program, string library)
    {
        var glob = new Glob(library);
        List<ExecutableFile> files = [
            .. LibrariesOf(program).Where(each => glob.IsMatch(each.Path) || glob.IsMatch(Path.GetFileName(each.Path)))];
        // One that the program loads by itself is known only to who names it.
        if (files.Count == 0 && library.Contains('/'))
            files.AddRange(ExecutableSearch.Find(library));
        foreach (ExecutableFile file in files)
        {
            if (TryOpen(file, out ProbedBinary? binary, out _))
                yield return new TargetProgram(binary!, program.Process, program.Binary.File);
        }
    }

    private static IReadOnlyList<ExecutableFile> LibrariesOf(TargetProgram program) =>
        program.Process is int id && LiveProcess.Find(id) is { } process
            ? LibrarySearch.MappedBy(process) : LibrarySearch.NeededBy(program.Binary.Elf, program.Binary.File);

    private static string NoLibrary(string wanted, TargetProgram program) =>
        SimilarNames.NoMatch("libraries", wanted, LibrariesOf(program).Select(static each => each.Path));

    /// <summary>The files that the first component of a probe point means, not opened: what process.begin needs to know.</summary>
    public IReadOnlyList<(ExecutableFile File, int? Process)> FindFiles(ProbePointComponent component, out ProbeResolution? problem)
    {
        if (component.Text is { } name)
            return FindByName(name, out problem);
        if (component.Number is long number)
            return FindByProcess(number, out problem);
        if (options.Command is { } command)
            return FindByName(FirstWord(command), out problem);
        if (options.TargetProcess is int id)
            return FindByProcess(id, out problem);
        problem = new ProbeResolution([], "unspecified process probe is invalid without a -c COMMAND or -x PID [man stapprobes]");
        return [];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (ProbedBinary binary in _binaries.Values)
            binary.Dispose();
        _binaries.Clear();
    }

    private List<(ExecutableFile File, int? Process)> FindByName(string name, out ProbeResolution? problem)
    {
        problem = null;
        if (name.Length == 0)
        {
            problem = new ProbeResolution([], "empty module");
            return [];
        }

        string wanted = options.Executables.GetValueOrDefault(name, name);
        if (OfTargetsNamespace(wanted) is { } contained)
            return [(contained, null)];
        List<(ExecutableFile, int?)> files = [.. ExecutableSearch.Find(wanted).Select(static file => (file, (int?)null))];
        if (files.Count == 0)
            problem = NotFound(wanted);
        return files;
    }

    /// <summary>A path as the process of -x sees it, where that process lives in a mount namespace of its own.</summary>
    private ExecutableFile? OfTargetsNamespace(string path)
    {
        if (options.TargetProcess is not int id || options.Command is not null || !path.StartsWith('/')
            || LiveProcess.Find(id) is not { } target)
            return null;
        if (FileIdentity.Of($"/proc/{target.Id}/ns/mnt") == FileIdentity.Of("/proc/self/ns/mnt"))
            return null;
        if (target.ExecutableName == path && target.Executable is { } running)
            return new ExecutableFile(path, target.ExecutablePath, running);
        string inside = target.RootPath + path;
        return FileIdentity.OfRegular(inside) is { } identity ? new ExecutableFile(path, inside, identity) : null;
    }

    private static List<(ExecutableFile File, int? Process)> FindByProcess(long number, out ProbeResolution? problem)
    {
        problem = null;
        if (number is <= 0 or > int.MaxValue)
        {
            problem = new ProbeResolution([], $"cannot probe pid {number}: Invalid pid");
            return [];
        }

        if (LiveProcess.Find((int)number) is not { } process)
        {
            problem = new ProbeResolution([], $"cannot probe pid {number}: No such process");
            return [];
        }

        if (process.Executable is { } identity)
            return [(new ExecutableFile(process.ExecutableName ?? process.ExecutablePath, process.ExecutablePath, identity), process.Id)];
        // Everybody may read a command line, and a kernel thread has none.
        string why = process.CommandLine.Count > 0
            ? "it may not be looked into: that takes root, or CAP_SYS_PTRACE" : "it is a kernel thread, or has ended";
        problem = new ProbeResolution([], $"cannot probe pid {number}: {why}");
        return [];
    }

    public bool TryOpen(ExecutableFile file, out ProbedBinary? binary, out string? reason)
    {
        reason = null;
        if (_binaries.TryGetValue(file.Identity, out binary))
            return true;
        try
        {
            binary = ProbedBinary.Open(file, options.RecoveredTypes);
            _binaries.Add(file.Identity, binary);
            return true;
        }
        catch (Exception e) when (e is ElfFormatException or IOException or UnauthorizedAccessException)
        {
            reason = e.Message;
            return false;
        }
    }

    private ProbeResolution NotFound(string name)
    {
        string problem = ExecutableSearch.IsPattern(name) ? $"no file matches '{name}'" : $"cannot find executable '{name}'";
        if (!QemuPrograms.IsQemuName(name))
            return new ProbeResolution([], problem);
        // The one that -x names is meant, whatever else runs here.
        IReadOnlyList<QemuProgram> qemus =
            [.. QemuPrograms.All().OrderByDescending(qemu => qemu.Processes.Any(process => process.Id == options.TargetProcess))];
        if (qemus.Count == 0)
            return new ProbeResolution([], problem, "there is no QEMU on this host");
        string list = string.Join(", ", qemus.Select(Describe));
        return new ProbeResolution([], problem, $"this host has {list}; --exe {name}={qemus[0].Path} probes that instead");
    }

    private static string Describe(QemuProgram qemu) => qemu.Processes.Count switch
    {
        0 => qemu.Path,
        1 => $"{qemu.Path} (running as process {qemu.Processes[0].Id})",
        int count => $"{qemu.Path} (running in {count} processes)",
    };

    /// <summary>The program of a command line: what stands before the first blank.</summary>
    private static string FirstWord(string command)
    {
        ReadOnlySpan<char> text = command.AsSpan().Trim();
        int end = text.IndexOfAny(' ', '\t');
        return (end < 0 ? text : text[..end]).Trim("'\"").ToString();
    }
}

/// <summary>The ways in which a probe point names a process, and a file whose code is probed.</summary>
internal static class ProcessForms
{
    private const string Library = "library";

    private static readonly string[] s_all = ["process(string)", "process(number)", "process"];

    private static readonly string[] s_files = [.. s_all, .. s_all.Select(static process => $"{process}.{Library}(string)")];

    /// <summary>Processes.</summary>
    public static ReadOnlySpan<string> All => s_all;

    /// <summary>Programs, and libraries of programs.</summary>
    public static ReadOnlySpan<string> Files => s_files;

    /// <summary>What names a library of the process; null where the program itself is meant.</summary>
    public static ProbePointComponent? LibraryOf(ProbePoint point) =>
        point.Components is [_, { Name: Library } library, ..] ? library : null;

    /// <summary>The point without the library: what is behind its first component is sought in the file.</summary>
    public static ProbePoint InFile(ProbePoint point) => LibraryOf(point) is null ? point
        : point with { Components = [point.Components[0], .. point.Components.Skip(2)] };
}

/// <summary>A file to probe.</summary>
/// <param name="Binary">The file.</param>
/// <param name="Process">The process that its probes are confined to; null: every process that runs it.</param>
/// <param name="Owner">Of a library, the program whose processes alone count; null where the file itself is the program.</param>
internal readonly record struct TargetProgram(ProbedBinary Binary, int? Process, ExecutableFile? Owner = null)
{
    /// <summary>How probe points name it.</summary>
    public string Prefix => CodeTarget.PrefixOf(Binary, Owner);
}
