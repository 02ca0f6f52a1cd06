using System.Diagnostics;
using Virtap.Bpf.Links;
using Virtap.Bpf.Maps;
using Virtap.Bpf.Programs;

namespace Virtap.Bpf.Tests.Support;

/// <summary>
/// A second process that traces a target until it is killed: this test program again, told by an environment variable. It stops in a module
/// initialiser, before the test framework begins.
/// </summary>
internal static class Tracer
{
    private const string Variable = "VIRTAP_TEST_TRACER";

    public static Process Start(Target target)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Virtap.Bpf.Tests")) { RedirectStandardOutput = true, RedirectStandardInput = true };
        start.Environment[Variable] = $"{Target.ProgramPath}|{target.WorkOffset}|{target.SemaphoreOffset}";
        Process process = Process.Start(start)!;
        Assert.Equal("attached", process.StandardOutput.ReadLine());
        return process;
    }

#pragma warning disable CA2255 // A test program is an application, and this is the only place before its generated Main.
    [System.Runtime.CompilerServices.ModuleInitializer]
#pragma warning restore CA2255
    internal static void RunIfTold()
    {
        if (Environment.GetEnvironmentVariable(Variable)?.Split('|') is not [string path, string work, string semaphore])
            return;
        using SharedMemoryMap memory = RealKernel.CreateMemory();
        using RingBufferReader ring = RingBufferReader.Create(Virtap.Bpf.Specs.MapSpec.Ring("events", 1 << 16));
        using BpfProgram program = BpfProgram.Load(Links.UprobeLinkTests.Counter(), [memory.Map]);
        using UprobeMultiLink link = UprobeMultiLink.Attach(program, path, [new(ulong.Parse(work), ulong.Parse(semaphore))]);
        Console.WriteLine("attached");
        Console.ReadLine();
        Environment.Exit(0);
    }
}
