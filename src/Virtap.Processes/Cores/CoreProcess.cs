using System.Globalization;
using Virtap.Binaries;
using Virtap.Binaries.Code;
using Virtap.Binaries.Elf;
using Virtap.Binaries.Elf.Cores;
using Virtap.Processes.Access;
using Virtap.Processes.Files;
using Virtap.Processes.Memory;

namespace Virtap.Processes.Cores;

/// <summary>A process as a core holds it, written by the kernel when a signal ended the process, or by gdb's gcore while it ran.</summary>
public sealed class CoreProcess : TargetProcess, IDisposable
{
    // getauxval(3).
    private const ulong ProgramHeaders = 3;
    private const ulong Entry = 9;

    private const ulong SmallestPage = 4096;

    // signal(7): QUIT, ILL, TRAP, ABRT, BUS, FPE, SEGV, XCPU, XFSZ, SYS.
    private static readonly int[] s_dumping = [3, 4, 5, 6, 7, 8, 11, 24, 25, 31];

    private readonly ElfFile _core;
    private readonly ElfFile _executable;
    private readonly CoreNotes _notes;
    private readonly ulong? _base;
    private readonly Lazy<IReadOnlyList<string>> _commandLine;

    private CoreProcess(ElfFile core, CoreNotes notes, ElfFile executable)
    {
        _core = core;
        _notes = notes;
        _executable = executable;
        _base = FindBase();
        ExecutableName = NameOfExecutable(notes) ?? executable.Path;
        Memory = new CoreMemory(core, executable, FindProgram());
        _commandLine = new(() => CoreStack.ReadArguments(notes, Memory));
        MissingBytes = MissingOf(core);
    }

    /// <summary>The core's path.</summary>
    public string Path => _core.Path;

    /// <summary>The signal that ended the process; null where none did: gcore stops it by a signal that ends nothing.</summary>
    public int? Signal => _notes.Signal is { } signal && s_dumping.Contains(signal) ? signal : null;

    /// <summary>
    /// How many bytes the core ought to hold and does not: it was cut when it was written (a limit, a full disk) or copied.
    /// </summary>
    public ulong MissingBytes { get; }

    /// <summary>
    /// Whether the build id in the core and that of the program's file are the same; null where the core does not hold the program's first
    /// page, or there is no build id.
    /// </summary>
    public bool? IsExecutableVerified { get; private set; }

    /// <summary>Its threads; the one that was hit by the signal first.</summary>
    public IReadOnlyList<CoreThread> Threads => field ??= [.. _notes.Threads.Select(each => new CoreThread(each, _core.Architecture))];

    /// <inheritdoc/>
    public override int Id => _notes.ProcessId ?? (_notes.Threads.Count > 0 ? _notes.Threads[0].Id : 0);

    /// <inheritdoc/>
    public override string Label => Path;

    /// <inheritdoc/>
    public override string Name => _notes.Name.Length > 0 ? _notes.Name : System.IO.Path.GetFileName(_executable.Path);

    /// <inheritdoc/>
    public override TargetMemory Memory { get; }

    /// <inheritdoc/>
    public override string ExecutablePath => _executable.Path;

    /// <inheritdoc/>
    public override string? ExecutableName { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> CommandLine => _commandLine.Value;

    /// <summary>Opens a core: checks its headers and reads its notes, whatever its size.</summary>
    /// <param name="path">The core.</param>
    /// <param name="executable">The program that it is of; null for the path that the core names.</param>
    /// <exception cref="ProcessException">It is no core, is damaged, or the program is another one; the message says which.</exception>
    /// <exception cref="IOException">One of the files cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">One of the files may not be read.</exception>
    public static CoreProcess Open(string path, string? executable)
    {
        ElfFile? core = null, file = null;
        try
        {
            core = ElfFile.Open(path);
            if (core.Kind != ElfKind.Core)
                throw new ProcessException(
                    $"{path} is no core"
                    + (core.Kind is ElfKind.Executable or ElfKind.SharedObject ? ": it is a program or a library" : ""));
            CoreNotes notes = CoreNotes.Read(core);
            string? named = NameOfExecutable(notes);
            if (executable is null && (named is null || !File.Exists(named)))
                throw new ProcessException(
                    named is null
                    ? $"{path} {(MissingOf(core) is > 0 and var missing ? Figure(missing) : "")}does not say which program it is of: "
                        + "name it with --exe"
                    : $"the program that {path} is of, {named}, is not on this host: name a copy of it with --exe");
            file = ElfFile.Open(executable ?? named!);
            if (file.Machine != core.Machine)
                throw new ProcessException($"{path} is not of {file.Path}: they are of different processors");
            var process = new CoreProcess(core, notes, file);
            process.Verify();
            return process;
        }
        catch (ElfFormatException e)
        {
            core?.Dispose();
            file?.Dispose();
            throw new ProcessException(e.Message, e);
        }
        catch
        {
            core?.Dispose();
            file?.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override Mappings ReadMappings()
    {
        // A core knows files by their names only: each gets a number of its own.
        Dictionary<string, ulong> files = [];
        ElfSegment[] segments = [.. _core.Segments.Where(static s =>
            s.Type == ElfSegmentType.Load && s.MemorySize > 0 && s.Address + s.MemorySize > s.Address)];
        HashSet<ulong> starts = [.. segments.Select(static segment => segment.Address)];

        // gdb leaves out what a file holds, and with it what one may do there: at least read.
        return Mappings.Of(segments.Select(Of).Concat(
            _notes.Mappings.Where(file => !starts.Contains(file.Start)).Select(file => Make(
                file.Start, file.End, MappingProtection.Read, file))));

        Mapping Of(ElfSegment segment)
        {
            MappingProtection protection = ((segment.Flags & 4) != 0 ? MappingProtection.Read : 0)
                | (segment.IsWritable ? MappingProtection.Write : 0) | (segment.IsExecutable ? MappingProtection.Execute : 0);
            CoreMapping file = _notes.Mappings.FirstOrDefault(m => m.Start <= segment.Address && segment.Address < m.End);
            return Make(segment.Address, segment.Address + segment.MemorySize, protection, file);
        }

        Mapping Make(ulong start, ulong end, MappingProtection protection, CoreMapping file)
        {
            if (file.Path is not { } path)
                return new Mapping(start, end, protection, 0, default, "", false);
            if (!files.TryGetValue(path, out ulong number))
                files[path] = number = (ulong)files.Count + 1;
            return new Mapping(start, end, protection, file.Offset + (start - file.Start), new FileIdentity(0, 0, number), path, false);
        }
    }

    /// <inheritdoc/>
    public override ulong? LoadBias(ElfFile executable)
    {
        if (_notes.AuxiliaryValue(Entry) is { } entry)
            return (entry - executable.EntryPoint) % SmallestPage == 0 ? entry - executable.EntryPoint : null;
        return _base is { } start && FirstLoad(executable) is { } first ? start - (first.Address - first.Offset) : null;
    }

    /// <summary>Unmaps the files.</summary>
    public void Dispose()
    {
        _core.Dispose();
        _executable.Dispose();
    }

    // The file that holds the program's entry point, or its program headers.
    private static string? NameOfExecutable(CoreNotes notes)
    {
        if ((notes.AuxiliaryValue(ProgramHeaders) ?? notes.AuxiliaryValue(Entry)) is not { } address)
            return null;
        foreach (CoreMapping mapping in notes.Mappings)
        {
            if (address >= mapping.Start && address < mapping.End)
                return mapping.Path;
        }

        return null;
    }

    // Where the program's file was mapped. Without the note that says so, where it must have been; what it wrote to is not in the file.
    private IEnumerable<CoreMapping> FindProgram() => _notes.Mappings.Count > 0 ? _notes.Mappings.Where(m => m.Path == ExecutableName)
        : LoadBias(_executable) is { } bias
            ? _executable.Segments.Where(s => s.Type == ElfSegmentType.Load && !s.IsWritable && s.FileSize > 0)
            .Select(s => new CoreMapping(bias + s.Address, bias + s.Address + s.FileSize, s.Offset, ExecutableName!))
        : [];

    // Where the file's first byte is in memory. Without notes, where there is a file with its build id.
    private ulong? FindBase()
    {
        string? name = NameOfExecutable(_notes);
        foreach (CoreMapping mapping in _notes.Mappings)
        {
            if (mapping.Path == name && mapping.Offset == 0)
                return mapping.Start;
        }

        if (_notes.AuxiliaryValue(Entry) is { } entry && FirstLoad(_executable) is { } first)
            return entry - _executable.EntryPoint + first.Address - first.Offset;
        var core = new CoreMemory(_core, null, []);
        foreach (ElfSegment segment in _core.Segments)
        {
            if (segment.Type == ElfSegmentType.Load && MappedImage.ReadBuildId(core, segment.Address) is { } id
                && id == _executable.BuildId)
                return segment.Address;
        }

        return null;
    }

    private void Verify()
    {
        // From the core alone: the file would agree with itself.
        string? id = _base is { } start ? MappedImage.ReadBuildId(new CoreMemory(_core, null, []), start) : null;
        if (id is not null && _executable.BuildId is { } expected)
            IsExecutableVerified = id == expected
                ? true
                : throw new ProcessException(
                    $"{Path} is not of {_executable.Path}: the program in the core has the build id {id}, the file {expected}");
    }

    private static ElfSegment? FirstLoad(ElfFile file)
    {
        foreach (ElfSegment segment in file.Segments)
        {
            if (segment.Type == ElfSegmentType.Load)
                return segment;
        }

        return null;
    }

    private static string Figure(ulong missing) =>
        string.Create(CultureInfo.InvariantCulture, $"was cut short, {missing:#,0} bytes are missing, and ");

    private static ulong MissingOf(ElfFile core) =>
        core.Segments.Aggregate(0ul, (sum, segment) => sum + segment.FileSize
            - (segment.Offset >= core.Length ? 0 : Math.Min(segment.FileSize, core.Length - segment.Offset)));
}

/// <summary>A thread of a process that was dumped.</summary>
/// <param name="note">What the core says of it.</param>
/// <param name="architecture">The processor; null where it is none that is known.</param>
public sealed class CoreThread(CoreThreadNote note, Architecture? architecture)
{
    /// <summary>Its thread id.</summary>
    public int Id => note.Id;

    /// <summary>What it had in its registers; null where the core does not say.</summary>
    public RegisterValues? Registers { get; } = architecture is { } known ? RegisterValues.OfKernel(known, note.Registers) : null;

    /// <summary>All that the core says of its registers.</summary>
    public KernelRegisters Kernel { get; } = new(note.Registers, architecture);

    /// <summary>Its registers of numbers with a point: on x86-64 as FXSAVE writes them; null where the core does not say.</summary>
    public byte[]? FloatRegisters => note.FloatRegisters;
}
