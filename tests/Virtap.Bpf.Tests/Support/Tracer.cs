using System.Diagnostics;
using Virtap.Bpf.Links;
using Virtap.Bpf.Maps;
using Virtap.Bpf.Programs;

namespace Virtap.Bpf.Tests.Support;

/// <summary>
/// A second process that traces a target until it is killed: this test program again, told by an environment variable. It
/// stops in a module initialiser, before the test framework begins.
/// </summary>
internal static class Tracer
{
    private const string Variable = "VIRTAP_TEST_TRACER";

    /// <summary>Starts one that counts the calls of work; returns when it does.</summary>
    public static Process Start(Target target) => Start($"{Target.ProgramPath}|{target.WorkOffset}|{target.SemaphoreOffset}", "attached");

    /// <summary>
    /// Starts one that probes all places of the sled; returns when it begins to attach, to detach, or to let its pinned link
    /// go.
    /// </summary>
    public static Process Start(Target target, string what) =>
        Start($"{Target.ProgramPath}|{target.SledOffset}|{target.Pid}|{what}", what);

    private static Process Start(string order, string report)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Virtap.Bpf.Tests"))
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        };
        start.Environment[Variable] = order;
        Process process = Process.Start(start)!;
        Assert.Equal(report, process.StandardOutput.ReadLine());
        return process;
    }

#pragma warning disable CA2255 // A test program is an application, and this is the only place before its generated Main.
    [System.Runtime.CompilerServices.ModuleInitializer]
#pragma warning restore CA2255
    internal static void RunIfTold()
    {
        switch (Environment.GetEnvironmentVariable(Variable)?.Split('|'))
        {
            case [string path, string work, string semaphore]:
                Count(path, new UprobeAttachPoint(ulong.Parse(work), ulong.Parse(semaphore)));
                break;
            case [string path, string sled, string pid, string what]:
                Probe(path, ulong.Parse(sled), int.Parse(pid), what);
                break;
            default:
                return;
        }

        Console.ReadLine();
        Environment.Exit(0);
    }

    private static void Count(string path, UprobeAttachPoint place)
    {
        using SharedMemoryMap memory = RealKernel.CreateMemory();
        using RingBufferReader ring = RingBufferReader.Create(Virtap.Bpf.Specs.MapSpec.Ring("events", 1 << 16));
        using BpfProgram program = BpfProgram.Load(Links.UprobeLinkTests.Counter(), [memory.Map]);
        using UprobeMultiLink link = UprobeMultiLink.Attach(program, path, [place]);
        Console.WriteLine("attached");
        Console.ReadLine();
    }

    private static void Probe(string path, ulong sled, int pid, string what)
    {
        using SharedMemoryMap memory = RealKernel.CreateMemory();
        using BpfProgram program = BpfProgram.Load(Links.UprobeLinkTests.Counter(), [memory.Map]);
        UprobeAttachPoint[] places = [.. Enumerable.Range(0, Target.SledLength).Select(n => new UprobeAttachPoint(sled + (uint)n))];
        using LinkPins? pins = what == "letting go" ? LinkPins.TryCreate() : null;
        if (what == "attaching")
            Console.WriteLine(what);
        UprobeMultiLink link = UprobeMultiLink.Attach(program, path, places, pid);
        if (what == "attaching")
            return;
        bool isPinned = pins?.TryTake(link) == true;
        Console.WriteLine(pins is null || isPinned ? what : "this machine cannot pin");
        if (isPinned)
            pins!.Dispose();
        else
            link.Dispose();
    }
}
