using System.Runtime.InteropServices;
using Virtap.Bpf.Instructions;
using Virtap.Bpf.Kernel;
using Virtap.Bpf.Links;
using Virtap.Bpf.Maps;
using Virtap.Bpf.Programs;
using Virtap.Bpf.Specs;
using Virtap.Bpf.Tests.Links;
using Virtap.Bpf.Tests.Support;
using static Virtap.Bpf.Instructions.BpfRegister;

namespace Virtap.Bpf.Tests.Programs;

public class BpfProgramTests
{
    [Fact]
    public void A_refused_program_ends_with_the_verifiers_last_words()
    {
        RealKernel.Require();
        var a = new BpfAssembler("wild", BpfProgramKind.Uprobe);
        a.Comment("x = *y");
        a.Load(BpfSize.Double, R0, R2, 0);
        a.Exit();
        var refusal = Assert.Throws<BpfException>(() => BpfProgram.Load(a.Build(), []));
        Assert.StartsWith(
            "loading program 'wild' (2 instructions), at 'x = *y': Permission denied", refusal.Message, StringComparison.Ordinal);
        Assert.EndsWith(": R2 !read_ok", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
        Assert.Contains("(79) r0 = *(u64 *)(r2 +0)", refusal.VerifierLog, StringComparison.Ordinal);
        Assert.False(refusal.IsPermission);
    }

    [Fact]
    public void A_missing_kernel_function_or_map_is_named()
    {
        RealKernel.Require();
        var a = new BpfAssembler("p", BpfProgramKind.Uprobe);
        a.CallKernel("bpf_no_such_function");
        a.Return();
        Assert.Contains(
            "bpf_no_such_function", Assert.Throws<BpfException>(() => BpfProgram.Load(a.Build(), [])).Message, StringComparison.Ordinal);
        a = new BpfAssembler("p", BpfProgramKind.Uprobe);
        a.LoadMap(R1, "absent");
        a.Return();
        Assert.Contains(
            "'absent'", Assert.Throws<ArgumentException>(() => BpfProgram.Load(a.Build(), [])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Long_jumps_run()
    {
        RealKernel.Require();
        var a = new BpfAssembler("far", BpfProgramKind.RawTracepoint);
        BpfLabel end = a.NewLabel(), back = a.NewLabel(), start = a.NewLabel();
        a.Load(BpfSize.Double, R6, R1, 0);
        a.Move(R0, 0);
        a.Jump(start);
        a.Bind(back);
        a.Move(R0, 7);
        a.Exit();
        a.Bind(start);
        a.Jump(BpfCondition.Equal, R6, 1, end);
        for (int n = 0; n < 40_000; n++)
            a.Alu(BpfAluOperator.Add, R0, 1);
        a.Exit();
        a.Bind(end);
        a.Jump(back);
        using BpfProgram program = BpfProgram.Load(a.Build(), []);
        Assert.Equal(7u, program.TestRun(MemoryMarshal.AsBytes<ulong>([1])));
        Assert.Equal(40_000u, program.TestRun(MemoryMarshal.AsBytes<ulong>([2])));
    }

    [Fact]
    public void A_global_subprogram_takes_numbers_and_the_context()
    {
        using SharedMemoryMap memory = RealKernel.CreateMemory();
        var a = new BpfAssembler("caller", BpfProgramKind.Uprobe);
        a.Move(R2, 5);
        a.CallFunction("callee");
        a.Return();
        a.BeginSubprogram("callee", SubprogramLinkage.Global, SubprogramParameter.Context, SubprogramParameter.Number);
        a.Load(BpfSize.Double, R3, R1, RealKernel.Argument(0));
        a.Alu(BpfAluOperator.Add, R3, R2);
        a.LoadMapValue(R4, "memory");
        a.Store(BpfSize.Double, R4, 0, R3);
        a.Move(R0, R3);
        a.Exit();
        using BpfProgram program = BpfProgram.Load(a.Build(), [memory.Map]);
        using Target target = Target.Start(1, 11);
        using (UprobeMultiLink.Attach(program, Target.ProgramPath, [new(target.WorkOffset)]))
            target.Run();
        Assert.Equal(10 + 5, memory.Word(0));
    }

    [Fact]
    public void A_raw_trace_point_and_a_processor_clock_run_their_programs()
    {
        using SharedMemoryMap memory = RealKernel.CreateMemory();
        ProgramSpec Count(BpfProgramKind kind, uint word)
        {
            var a = new BpfAssembler("count", kind);
            a.LoadMapValue(R6, "memory", word);
            a.Move(R1, 1);
            a.Atomic(BpfAtomic.Add, R6, 0, R1);
            a.Return();
            return a.Build();
        }

        using BpfProgram tracepoint = BpfProgram.Load(Count(BpfProgramKind.RawTracepoint, 0), [memory.Map]);
        using BpfProgram clock = BpfProgram.Load(Count(BpfProgramKind.PerfEvent, 8), [memory.Map]);
        using (RawTracepointLink.Attach(tracepoint, "sched_switch"))
        using (SampleLink.Attach(clock, 1, 0, 1000, isFrequency: true, 0))
            Thread.Sleep(100);
        Assert.True(memory.Word(0) > 0);
        Assert.InRange(memory.Word(8), 10, 300);
    }

    [Fact]
    public void The_kernel_counts_runs_while_asked_to()
    {
        using SharedMemoryMap memory = RealKernel.CreateMemory();
        using BpfProgram program = BpfProgram.Load(UprobeLinkTests.Counter(), [memory.Map]);
        using Target target = Target.Start(1, 1000);
        using (ProgramStatistics.Enable())
        using (UprobeMultiLink.Attach(program, Target.ProgramPath, [new(target.WorkOffset)]))
            target.Run();
        ProgramInfo info = program.GetInfo();
        Assert.Equal(1000ul, info.RunCount);
        Assert.True(info.RunTime > 0 && info.VerifiedInstructions > 0 && info.Id > 0);
    }
}
