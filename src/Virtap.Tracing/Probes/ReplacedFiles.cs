using Virtap.Language.Binding.Targets;
using Virtap.Processes;
using Virtap.Processes.Access;
using Virtap.Processes.Files;
using Virtap.Processes.Programs;

namespace Virtap.Tracing.Probes;

/// <summary>
/// Finds the processes that probes by a file's name pass by: the file was replaced (by an update), and they go on with the one that had the
/// name before.
/// </summary>
internal static class ReplacedFiles
{
    /// <summary>Looks at the programs of all processes, and at the libraries of those that may be meant.</summary>
    /// <param name="targets">What is probed; what is confined to one process counts not: it is sought in what that one runs.</param>
    /// <param name="target">The process of -x; null for none.</param>
    /// <returns>Names, each with the ids of its processes, ascending.</returns>
    public static IEnumerable<(string Path, IReadOnlyList<int> Processes)> Find(IEnumerable<ProbeTarget> targets, int? target)
    {
        List<HandledTarget> all = [.. targets.OfType<HandledTarget>()];
        List<CodeTarget> code = [.. all.OfType<CodeTarget>()
            .Where(static each => each.Process is null).DistinctBy(static each => (each.Binary, each.Owner?.Identity))];
        HashSet<ExecutableFile> programs =
            [.. all.Select(static each => each.Filter?.Executable).OfType<ExecutableFile>(),
                .. code.Where(static each => each.Owner is null).Select(static each => each.Binary.File)];
        return programs.Count == 0 ? [] : Programs(programs).Concat(Libraries(code, target))
            .Distinct()
            .GroupBy(static found => found.Path, static found => found.Process)
            .Select(static group => (group.Key, (IReadOnlyList<int>)[.. group.Order()]));
    }

    private static IEnumerable<(string Path, int Process)> Programs(IEnumerable<ExecutableFile> programs)
    {
        ILookup<string, FileIdentity> files = programs.ToLookup(static file => file.Path, static file => file.Identity);
        // Elsewhere (in a container, a chroot) the same name is another's.
        FileIdentity? root = FileIdentity.Of("/");
        foreach (LiveProcess process in LiveProcess.RunningAs(files.Contains))
        {
            if (process.IsExecutableDeleted && process is { ExecutableName: { } path, Executable: { } running }
                && !files[path].Contains(running) && FileIdentity.Of(process.RootPath) == root)
                yield return (path, process.Id);
        }
    }

    private static IEnumerable<(string Path, int Process)> Libraries(List<CodeTarget> named, int? target)
    {
        HashSet<FileIdentity> owners = [.. named.Select(static each => each.Owner?.Identity).OfType<FileIdentity>()];
        IEnumerable<(LiveProcess Process, FileIdentity? Program)> processes =
            LiveProcess.Running(owners).Select(static each => (each.Process, (FileIdentity?)each.File));
        if (target is int id && LiveProcess.Find(id) is { } meant)
            processes = processes.Append((meant, null));
        return processes.SelectMany(each => named
            .Where(code => code.Owner?.Identity == each.Program && HasAnother(each.Process, code.Binary))
            .Select(code => (code.Binary.Path, each.Process.Id)));
    }

    /// <summary>Whether a process has mapped a deleted file of a file's name, and not that file.</summary>
    private static bool HasAnother(LiveProcess process, ProbedBinary binary)
    {
        try
        {
            return process.ReadMappings().Any(mapping => mapping.IsDeleted && mapping.Path == binary.Path)
                && !process.Maps(binary.File.Identity);
        }
        catch (ProcessException)
        {
            return false;
        }
    }
}
