using Virtap.Bpf.Kernel;
using Virtap.Bpf.Links;
using Virtap.Language.Binding.Targets;
using Virtap.Processes;
using Virtap.Processes.Files;
using Virtap.Tracing.Probes;

namespace Virtap.Tracing.Leftovers;

/// <summary>
/// Looks at the places that a session is about to probe, in the processes that run now, for breakpoints that an earlier
/// tracer left there.
/// </summary>
internal static class LeftoverCheck
{
    /// <summary>
    /// Looks; to be called before anything is attached. Where nothing is found, it is one read of the places in each
    /// process.
    /// </summary>
    /// <returns>
    /// Those that no eBPF link of this machine accounts for, as far as the kernel tells; none where it does not. In a process under a
    /// debugger they are the debugger's.
    /// </returns>
    public static IReadOnlyList<LeftBreakpoints> Run(IEnumerable<ProbeTarget> targets)
    {
        Dictionary<(ProbedBinary Binary, int? Process), ulong[]> places = targets.OfType<CodeTarget>()
            .GroupBy(t => (t.Binary, t.Process))
            .ToDictionary(g => g.Key, g => g.Select(t => t.FileOffset).Distinct().Order().ToArray());
        if (Look(places).Count == 0)
            return [];
        Thread.Sleep(BreakpointSearch.Grace);
        return Look(places);
    }

    private static List<LeftBreakpoints> Look(Dictionary<(ProbedBinary Binary, int? Process), ulong[]> places)
    {
        List<LeftBreakpoints> found = [];
        var owned = new Lazy<HashSet<(FileIdentity, ulong)>?>(Owned);
        ILookup<FileIdentity, LiveProcess> running = LiveProcess
            .Running(places.Keys.Where(p => p.Process is null).Select(p => p.Binary.File.Identity).ToHashSet())
            .ToLookup(r => r.File, r => r.Process);
        foreach (((ProbedBinary binary, int? confined), ulong[] offsets) in places)
        {
            FileIdentity file = binary.File.Identity;
            IEnumerable<LiveProcess> processes = confined is not int id ? running[file]
                : LiveProcess.Find(id) is { } one ? [one] : [];
            foreach (LiveProcess process in processes)
            {
                if (BreakpointSearch.At(process, file, binary.Elf, offsets) is not { } breakpoints || owned.Value is not { } theirs)
                    continue;
                List<ulong> left = [.. breakpoints.Offsets.Where(o => !theirs.Contains((file, o)) && !theirs.Contains((default, o)))];
                if (left.Count > 0)
                    found.Add(breakpoints with { Offsets = left, Debugger = new LiveThread(process.Id, process.Id).TracerId });
            }
        }

        return found;
    }

    /// <summary>
    /// The places that eBPF links of this machine probe; those of a file that has no name any more, of any file. Null where
    /// the kernel does not tell.
    /// </summary>
    private static HashSet<(FileIdentity, ulong)>? Owned()
    {
        try
        {
            return [.. AttachedUprobes.OfAllTracers().SelectMany(u => u.Offsets.Select(o => (FileIdentity.Of(u.Path) ?? default, o)))];
        }
        catch (BpfException)
        {
            return null;
        }
    }
}
