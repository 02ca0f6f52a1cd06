using Virtap.Binaries.Marks;
using Virtap.Bpf.Features;
using Virtap.Bpf.Instructions;
using Virtap.Bpf.Kernel;
using Virtap.Bpf.Programs;
using Virtap.Bpf.Specs;
using Virtap.Processes;
using Virtap.Processes.Access;
using Virtap.Processes.Files;
using Virtap.Processes.Programs;
using Virtap.Tracing.Links;
using Virtap.Tracing.Probes;

namespace Virtap.Tracing.Leftovers;

/// <summary>
/// Takes breakpoints out that a tracer has left: puts a probe that does nothing on each and takes it away. The kernel finds
/// its breakpoint there already, and when the last probe of a place goes it writes back what the file has. Where another
/// tracer probes the place now, nothing changes.
/// </summary>
public static class BreakpointMending
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <summary>Mends a process.</summary>
    /// <param name="process">The process.</param>
    /// <param name="found">What was found in it.</param>
    /// <exception cref="BpfException">The kernel does not let this process attach.</exception>
    /// <exception cref="ProcessException">The process has ended.</exception>
    public static MendingResult Mend(LiveProcess process, IReadOnlyList<LeftBreakpoints> found)
    {
        using BpfProgram program = BpfProgram.Load(Nothing(), [], KernelFeatures.Current.Attachment);
        uint id = program.GetInfo().Id;
        List<ProbedBinary> files = [];
        using var links = new ProbeLinks();
        using var withoutSemaphores = new ProbeLinks();
        try
        {
            foreach (LeftBreakpoints group in found)
            {
                files.Add(ProbedBinary.Open(new ExecutableFile(group.Path, group.OpenPath, FileIdentity.Of(group.OpenPath) ?? default)));
                links.Attach(program, SitesOf(group, files[^1]));
            }

            // The kernel remembers with which semaphore a place was probed. Who probed a function that begins with a mark knew of none.
            withoutSemaphores.Attach(program, [.. links.Failures.Select(f => ((LeftSite)f.Target).WithoutSemaphore())]);
        }
        finally
        {
            foreach (ProbedBinary file in files)
                file.Dispose();
        }

        links.Dispose();
        withoutSemaphores.Dispose();
        program.Dispose();
        if (links.ArePinned || withoutSemaphores.ArePinned)
            KernelObjects.WaitForEnd([id], Longest);
        return new MendingResult(BreakpointSearch.Everywhere(process).Sum(f => f.Offsets.Count), withoutSemaphores.Failures);
    }

    private static List<LeftSite> SitesOf(LeftBreakpoints group, ProbedBinary file)
    {
        Dictionary<ulong, ulong> semaphores = SdtNotes.Read(file.Elf).SelectMany(m => m.Sites)
            .DistinctBy(s => s.FileOffset).ToDictionary(s => s.FileOffset, s => s.SemaphoreFileOffset);
        return [.. group.Offsets.Select(o => new LeftSite(file, o, semaphores.GetValueOrDefault(o), group.Process.Id))];
    }

    private static ProgramSpec Nothing()
    {
        var code = new BpfAssembler("nothing", BpfProgramKind.Uprobe);
        code.Move(BpfRegister.R0, 0);
        code.Exit();
        return code.Build();
    }

    private sealed class LeftSite(ProbedBinary binary, ulong fileOffset, ulong semaphore, int? process)
        : CodeTarget(binary, 0, fileOffset, process)
    {
        public override string Point => $"process(\"{Binary.Path}\").statement(0x{FileOffset:x})";

        public override ulong SemaphoreFileOffset => semaphore;

        public LeftSite WithoutSemaphore() => new(Binary, FileOffset, 0, Process);
    }
}

/// <summary>What came of mending a process.</summary>
/// <param name="Left">Breakpoints that are still there.</param>
/// <param name="Refused">
/// Those of them that the kernel did not let Virtap probe; all others are probed by tracers that are at work now.
/// </param>
public sealed record MendingResult(int Left, IReadOnlyList<AttachFailure> Refused);
