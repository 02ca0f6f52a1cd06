using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Virtap.Binaries.Elf;
using Virtap.Processes.Access;
using Virtap.Processes.Files;
using Virtap.Processes.Memory;

namespace Virtap.Processes;

/// <summary>
/// A process of this host, also one in a container (its own mount or pid namespace), looked at from outside through <c>/proc</c>.
/// Properties that cost a system call are read when asked for; a process that has ended answers with nothing rather than throwing.
/// </summary>
public sealed class LiveProcess : TargetProcess
{
    private readonly ulong _startTicks;

    private LiveProcess(int id, string name, int? parentId, ulong startTicks)
    {
        Id = id;
        Name = name;
        ParentId = parentId;
        _startTicks = startTicks;
        Memory = new ProcessMemory(id);
    }

    /// <summary>Its process id (thread group id), as this process's pid namespace counts.</summary>
    public override int Id { get; }

    /// <inheritdoc/>
    public override string Label => string.Create(CultureInfo.InvariantCulture, $"process {Id}");

    /// <summary>Its short name (comm), 15 bytes at most.</summary>
    public override string Name { get; }

    /// <summary>The process id of its parent, as this process's pid namespace counts; null for none there.</summary>
    public int? ParentId { get; }

    /// <summary>When it started, since boot.</summary>
    public TimeSpan StartTime => ProcessClock.FromTicks(_startTicks);

    /// <summary>How long it has been running.</summary>
    public TimeSpan Uptime => ProcessClock.SinceBoot() - StartTime;

    /// <summary>The real user id it runs as; null when it has ended.</summary>
    public uint? UserId => StatusNumber("\nUid:"u8);

    /// <summary>Its memory.</summary>
    public override ProcessMemory Memory { get; }

    /// <summary>
    /// A path that opens the file it runs, whatever has become of its name: deleted, replaced by an update, or of another mount namespace.
    /// </summary>
    public override string ExecutablePath => ProcessFiles.Path(Id, "exe");

    /// <summary>
    /// What it runs as the kernel names it, without <c>(deleted)</c>: for a process in a container, the path there. Null for a kernel
    /// thread, and where it may not be read.
    /// </summary>
    public override string? ExecutableName => ProcessFiles.Link(Id, "exe") is { } link ? WithoutDeleted(link) : null;

    /// <summary>Whether the file it runs has no name any more, as after an update.</summary>
    public bool IsExecutableDeleted => ProcessFiles.Link(Id, "exe") is { } link && link.Length != WithoutDeleted(link).Length;

    /// <summary>Which file it runs; null for a kernel thread, and where it may not be read.</summary>
    public FileIdentity? Executable => FileIdentity.Of(ExecutablePath);

    /// <summary>The root of its mount namespace: a path in front of any path it uses itself.</summary>
    public string RootPath => ProcessFiles.Path(Id, "root");

    /// <summary>A path of its working directory.</summary>
    public string WorkingPath => ProcessFiles.Path(Id, "cwd");

    /// <summary>The arguments it was started with; empty for a kernel thread.</summary>
    public override IReadOnlyList<string> CommandLine
    {
        get
        {
            ReadOnlySpan<byte> bytes = ProcessFiles.ReadOrEmpty(Id, "cmdline");
            var arguments = new List<string>();
            while (!bytes.IsEmpty)
            {
                int end = bytes.IndexOf((byte)0);
                arguments.Add(Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]));
                bytes = end < 0 ? [] : bytes[(end + 1)..];
            }

            return arguments;
        }
    }

    /// <summary>
    /// Whether this very process (not another with its id) is still there. One that has ended and waits for its parent is not.
    /// </summary>
    public bool IsAlive => ReadStatus(Id) is { State: not ('Z' or 'X') } status && status.StartTicks == _startTicks;

    /// <summary>Whether its main thread is stopped: by a signal, which stops all of them, or by whoever traces it.</summary>
    public bool IsStopped => ReadStatus(Id) is { State: 'T' or 't' };

    /// <summary>The process with an id; null when there is none.</summary>
    public static LiveProcess? Find(int id) =>
        ReadStatus(id) is { } status ? new LiveProcess(id, status.Name, status.ParentId, status.StartTicks) : null;

    /// <summary>The process with an id.</summary>
    /// <exception cref="ProcessException">There is none.</exception>
    public static LiveProcess Get(int id) => Find(id) ?? throw new ProcessException($"there is no process {id}");

    /// <summary>
    /// Whether the processes of others can be seen at all: process 1, which every pid namespace has, is not there where <c>/proc</c> is
    /// mounted with <c>hidepid</c> (proc(5)), or not mounted.
    /// </summary>
    public static bool OthersAreVisible => Directory.Exists("/proc/1");

    /// <summary>All processes there are, by ascending id.</summary>
    public static IEnumerable<LiveProcess> All()
    {
        foreach (int id in ProcessFiles.Numbers("/proc").Order())
        {
            if (Find(id) is { } process)
                yield return process;
        }
    }

    /// <summary>The processes that run a file (their main program is it), in whatever mount namespace.</summary>
    public static IEnumerable<LiveProcess> Running(FileIdentity file) => Running(new HashSet<FileIdentity> { file }).Select(p => p.Process);

    /// <summary>
    /// The processes that run one of some files, each with its file, in one pass over <c>/proc</c>. Others cost one system call each.
    /// </summary>
    public static IEnumerable<(LiveProcess Process, FileIdentity File)> Running(IReadOnlySet<FileIdentity> files)
    {
        if (files.Count == 0)
            yield break;
        foreach (int id in ProcessFiles.Numbers("/proc").Order())
        {
            if (FileIdentity.Of(ProcessFiles.Path(id, "exe")) is { } file && files.Contains(file) && Find(id) is { } process)
                yield return (process, file);
        }
    }

    /// <summary>
    /// The processes whose program's name, as the kernel tells it, satisfies a condition. One system call for each process that does not.
    /// </summary>
    public static IEnumerable<LiveProcess> RunningAs(Func<string, bool> name)
    {
        foreach (int id in ProcessFiles.Numbers("/proc").Order())
        {
            if (ProcessFiles.Link(id, "exe") is { } link && name(WithoutDeleted(link)) && Find(id) is { } process)
                yield return process;
        }
    }

    /// <summary>
    /// The processes that have a file mapped: as their program or as a library. Those that may not be looked into are left out.
    /// </summary>
    public static IEnumerable<LiveProcess> Mapping(FileIdentity file) => All().Where(p => p.Maps(file));

    /// <summary>A process and all that descend from it, as far as those on the way live.</summary>
    /// <param name="id">The process.</param>
    /// <param name="living">The processes that live; null to look for them now.</param>
    public static IReadOnlySet<int> Tree(int id, IReadOnlyList<LiveProcess>? living = null)
    {
        living ??= [.. All()];
        HashSet<int> tree = [id];
        // A child's number may be lower than its parent's, so until nothing is added.
        bool added = true;
        while (added)
        {
            added = false;
            foreach (LiveProcess process in living)
                added |= process.ParentId is int parent && tree.Contains(parent) && tree.Add(process.Id);
        }

        return tree;
    }

    /// <summary>Whether it has a file mapped.</summary>
    public bool Maps(FileIdentity file) => FirstMapping(file) is not null;

    /// <summary>
    /// The mapping of a file with the lowest address, or null. Where <c>stat</c> and maps disagree about the device of a file (btrfs,
    /// overlayfs), the mapped file itself is asked.
    /// </summary>
    public Mapping? FirstMapping(FileIdentity file)
    {
        Mappings mappings;
        try
        {
            mappings = ReadMappings();
        }
        catch (ProcessException)
        {
            return null;
        }

        foreach (Mapping mapping in mappings)
        {
            if (IsOf(mapping, file))
                return mapping;
        }

        return null;
    }

    /// <summary>
    /// Whether a file is behind one of its mappings. Where <c>stat</c> and maps disagree about the device, the mapped file itself is asked,
    /// or, where that takes a privilege, what has its path now.
    /// </summary>
    public bool IsOf(Mapping mapping, FileIdentity file) => mapping.File == file
        || (mapping.File.Inode == file.Inode && file.Inode != 0
            && (FileIdentity.Of(PathTo(mapping)) ?? FileIdentity.Of(RootPath + mapping.Path)) == file);

    /// <summary>
    /// A path that opens the file behind a mapping, even when it is deleted or of another mount namespace (needs CAP_CHECKPOINT_RESTORE or
    /// CAP_SYS_ADMIN).
    /// </summary>
    public string PathTo(Mapping mapping) =>
        ProcessFiles.Path(Id, string.Create(CultureInfo.InvariantCulture, $"map_files/{mapping.Start:x}-{mapping.End:x}"));

    /// <summary>Its mappings now.</summary>
    /// <exception cref="ProcessException">It has ended, or may not be looked into.</exception>
    public override Mappings ReadMappings() => Mappings.Read(Id);

    /// <inheritdoc/>
    public override ulong? LoadBias(ElfFile executable)
    {
        Mappings mappings = ReadMappings();
        if (Executable is not { } identity || FirstMapping(identity) is not { } first)
            return null;
        foreach (ElfSegment segment in executable.Segments)
        {
            if (segment.Type == ElfSegmentType.Load && segment.IsExecutable)
                return mappings.LoadBias(first.File, segment.Offset, segment.Address);
        }

        return null;
    }

    /// <summary>Its threads now, by ascending id.</summary>
    public IReadOnlyList<ProcessThread> Threads()
    {
        string directory = ProcessFiles.Path(Id, "task");
        return [.. ProcessFiles.Numbers(directory).Order().Select(id =>
            new ProcessThread(
                id, Encoding.UTF8.GetString(ProcessFiles.ReadOrEmpty(Id, string.Create(CultureInfo.InvariantCulture, $"task/{id}/comm")))
                .TrimEnd('\n')))];
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name} ({Id})");

    private static string WithoutDeleted(string link)
    {
        const string Suffix = " (deleted)";
        return link.EndsWith(Suffix, StringComparison.Ordinal) ? link[..^Suffix.Length] : link;
    }

    // pid (comm) state ppid ... starttime is field 22 (proc_pid_stat(5)). A comm may hold anything, also ")": the last one ends it.
    private static (string Name, char State, int? ParentId, ulong StartTicks)? ReadStatus(int id)
    {
        ReadOnlySpan<byte> text = ProcessFiles.ReadOrEmpty(id, "stat");
        int open = text.IndexOf((byte)'('), close = text.LastIndexOf((byte)')');
        if (open < 0 || close < open || close + 4 > text.Length)
            return null;
        string name = Encoding.UTF8.GetString(text[(open + 1)..close]);
        char state = (char)text[close + 2];
        text = text[(close + 4)..];
        if (!Utf8Parser.TryParse(text, out int parent, out _))
            return null;
        for (int field = 4; field < 22; field++)
        {
            int space = text.IndexOf((byte)' ');
            if (space < 0)
                return null;
            text = text[(space + 1)..];
        }

        return Utf8Parser.TryParse(text, out ulong start, out _) ? (name, state, parent > 0 ? parent : null, start) : null;
    }

    private uint? StatusNumber(ReadOnlySpan<byte> key)
    {
        ReadOnlySpan<byte> text = ProcessFiles.ReadOrEmpty(Id, "status");
        int at = text.IndexOf(key);
        return at >= 0 && Utf8Parser.TryParse(text[(at + key.Length)..].TrimStart("\t "u8), out uint value, out _) ? value : null;
    }
}
