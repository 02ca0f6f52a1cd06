using System.Diagnostics;
using Virtap.Bpf.Instructions;
using Virtap.Bpf.Kernel;
using Virtap.Bpf.Links;
using Virtap.Bpf.Maps;
using Virtap.Bpf.Programs;
using Virtap.Bpf.Specs;
using Virtap.Bpf.Tests.Support;
using static Virtap.Bpf.Instructions.BpfRegister;

namespace Virtap.Bpf.Tests.Links;

public class UprobeLinkTests
{
    [Fact]
    public void One_link_for_many_places_counts_every_hit_of_every_thread_and_the_semaphore()
    {
        using SharedMemoryMap memory = RealKernel.CreateMemory();
        using BpfProgram program = BpfProgram.Load(Counter(), [memory.Map], UprobeAttachment.Multi);
        using Target target = Target.Start(4, 25_000);
        using (UprobeMultiLink.Attach(program, Target.ProgramPath, [new(target.WorkOffset, target.SemaphoreOffset, 3)], target.Pid))
            Assert.Equal(1, target.Run());
        Assert.Equal(100_000, memory.Word(0));
        Assert.Equal(300_000, memory.Word(8));
        Assert.Equal(0ul, program.GetInfo().RecursionMisses);
    }

    [Fact]
    public void A_perf_event_counts_every_hit_but_those_it_says_it_missed()
    {
        using SharedMemoryMap memory = RealKernel.CreateMemory();
        using BpfProgram program = BpfProgram.Load(Counter(), [memory.Map], UprobeAttachment.PerfEvent);
        using Target target = Target.Start(4, 25_000);
        using (PerfEventUprobeLink.Attach(program, Target.ProgramPath, new(target.WorkOffset, target.SemaphoreOffset, 3), target.Pid))
            Assert.Equal(1, target.Run());
        long misses = (long)program.GetInfo().RecursionMisses;
        Assert.InRange(memory.Word(0), 99_000, 100_000);
        Assert.InRange(misses, 0, 1000);
        Assert.Equal(3 * memory.Word(0), memory.Word(8));
    }

    [Theory]
    [InlineData(UprobeAttachment.Multi)]
    [InlineData(UprobeAttachment.PerfEvent)]
    public void A_link_fires_at_returns_in_every_process_and_no_more_when_disposed(UprobeAttachment attachment)
    {
        using SharedMemoryMap memory = RealKernel.CreateMemory();
        using BpfProgram program = BpfProgram.Load(Counter(), [memory.Map], attachment);
        using Target first = Target.Start(1, 1000), second = Target.Start(1, 1000), third = Target.Start(1, 1000);
        var place = new UprobeAttachPoint(first.WorkOffset);
        using (Uprobes.Attach(program, Target.ProgramPath, [place], atReturn: true))
        {
            first.Run();
            second.Run();
        }

        third.Run();
        Assert.Equal(2000, memory.Word(0));
    }

    [Fact]
    public void Refusals_say_what_was_asked_and_why()
    {
        using SharedMemoryMap memory = RealKernel.CreateMemory();
        using BpfProgram program = BpfProgram.Load(Counter(), [memory.Map]);
        var refusal = Assert.Throws<BpfException>(() => UprobeMultiLink.Attach(program, "/no/such/file", [new(64)]));
        Assert.StartsWith(
            "attaching program 'count' to 1 place(s) of /no/such/file: No such file", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Attaching_twenty_thousand_places_is_one_call_of_a_fraction_of_a_second()
    {
        using SharedMemoryMap memory = RealKernel.CreateMemory();
        using BpfProgram program = BpfProgram.Load(Counter(), [memory.Map]);
        using Target target = Target.Start(1, 10);
        UprobeAttachPoint[] places = [
            .. Enumerable.Range(0, 20_000).Select(n => new UprobeAttachPoint(target.SledOffset + (uint)n, 0, (uint)n))];
        long start = Stopwatch.GetTimestamp();
        using UprobeMultiLink link = UprobeMultiLink.Attach(program, Target.ProgramPath, places);
        TimeSpan attaching = Stopwatch.GetElapsedTime(start);
        TestContext.Current.TestOutputHelper?.WriteLine($"attached in {attaching.TotalMilliseconds:f1} ms");
        Assert.True(attaching < TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void Two_tracers_that_disagree_about_the_semaphore_of_a_place_are_told_so()
    {
        using SharedMemoryMap memory = RealKernel.CreateMemory();
        using BpfProgram program = BpfProgram.Load(Counter(), [memory.Map]);
        using Target target = Target.Start(1, 10);
        using UprobeMultiLink link = UprobeMultiLink.Attach(program, Target.ProgramPath, [new(target.WorkOffset, target.SemaphoreOffset)]);
        var refusal = Assert.Throws<BpfException>(() => UprobeMultiLink.Attach(program, Target.ProgramPath, [new(target.WorkOffset)]));
        Assert.Contains("another semaphore", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_left_of_a_tracer_that_was_killed()
    {
        RealKernel.Require();
        using Target target = Target.Start(1, 1000);
        HashSet<(string, uint)> before = Objects();
        using Process tracer = Tracer.Start(target);
        HashSet<(string Kind, uint Id)> its = [.. Objects().Except(before)];
        Assert.Superset(new HashSet<string> { "program", "map", "link" }, its.Select(o => o.Kind).ToHashSet());
        tracer.Kill();
        tracer.WaitForExit();
        long deadline = Stopwatch.GetTimestamp() + 10 * Stopwatch.Frequency;
        while (its.Overlaps(Objects()) && Stopwatch.GetTimestamp() < deadline)
            Thread.Sleep(10); // the kernel frees them after a grace period
        Assert.Empty(its.Intersect(Objects()));
        Assert.Equal(0, target.Run()); // the semaphore is down again
    }

    private static HashSet<(string Kind, uint Id)> Objects() =>
    [
        .. KernelObjects.Programs().Select(id => ("program", id)),
        .. KernelObjects.Maps().Select(id => ("map", id)),
        .. KernelObjects.Links().Select(id => ("link", id)),
    ];

    /// <summary>Counts hits in word 0 and sums cookies in word 8.</summary>
    internal static ProgramSpec Counter()
    {
        var a = new BpfAssembler("count", BpfProgramKind.Uprobe);
        a.Call(BpfHelper.GetAttachCookie);
        a.LoadMapValue(R6, "memory");
        a.Atomic(BpfAtomic.Add, R6, 8, R0);
        a.Move(R1, 1);
        a.Atomic(BpfAtomic.Add, R6, 0, R1);
        a.Return();
        return a.Build();
    }
}
