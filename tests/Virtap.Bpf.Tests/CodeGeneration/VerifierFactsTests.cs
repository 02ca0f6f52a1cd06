using System.Diagnostics;
using Virtap.Bpf.Btf;
using Virtap.Bpf.Instructions;
using Virtap.Bpf.Kernel;
using Virtap.Bpf.Links;
using Virtap.Bpf.Maps;
using Virtap.Bpf.Programs;
using Virtap.Bpf.Specs;
using Virtap.Bpf.Tests.Support;
using static Virtap.Bpf.Instructions.BpfRegister;

namespace Virtap.Bpf.Tests.CodeGeneration;

/// <summary>What a code generator relies on, each shown to hold on the running kernel.</summary>
public class VerifierFactsTests
{
    [Theory]
    [InlineData(UprobeAttachment.Multi)]
    [InlineData(UprobeAttachment.PerfEvent)]
    public void A_callback_reads_registers_and_memory_through_pointers_its_caller_spilled(UprobeAttachment attachment)
    {
        using SharedMemoryMap memory = RealKernel.CreateMemory();
        var a = new BpfAssembler("spilled", BpfProgramKind.Uprobe);
        a.Store(BpfSize.Double, R10, -8, R1);
        a.LoadMapValue(R2, "memory");
        a.Store(BpfSize.Double, R10, -16, R2);
        Loop(a, 3, "step", -16);
        a.Return();
        a.BeginSubprogram("step", SubprogramLinkage.Static, SubprogramParameter.Number, SubprogramParameter.Number);
        a.Load(BpfSize.Double, R6, R2, 8);
        a.Load(BpfSize.Double, R7, R2, 0);
        a.Load(BpfSize.Double, R3, R6, RealKernel.Argument(2));
        a.Atomic(BpfAtomic.Add, R7, 64, R3);
        a.Return();
        using BpfProgram program = BpfProgram.Load(a.Build(), [memory.Map], attachment);
        using Target target = Target.Start(1, 10);
        using (Uprobes.Attach(program, Target.ProgramPath, [new(target.WorkOffset)]))
            target.Run();
        Assert.Equal(10 * 3 * 7, memory.Word(64));
    }

    [Theory]
    [InlineData(UprobeAttachment.Multi)]
    [InlineData(UprobeAttachment.PerfEvent)]
    public void Preemption_can_be_off_around_a_loop(UprobeAttachment attachment)
    {
        using SharedMemoryMap memory = RealKernel.CreateMemory();
        Assert.SkipWhen(KernelBtf.Vmlinux?.FindFunction("bpf_preempt_disable") is null, "no bpf_preempt_disable (6.10)");
        var a = new BpfAssembler("preempt", BpfProgramKind.Uprobe);
        a.CallKernel("bpf_preempt_disable");
        a.Call(BpfHelper.GetSmpProcessorId);
        a.Move(R6, R0);
        Loop(a, 100, "step", 0);
        a.Call(BpfHelper.GetSmpProcessorId);
        BpfLabel same = a.NewLabel();
        a.LoadMapValue(R7, "memory");
        a.Move(R1, 1);
        a.Jump(BpfCondition.Equal, R0, R6, same);
        a.Atomic(BpfAtomic.Add, R7, 8, R1);
        a.Bind(same);
        a.Atomic(BpfAtomic.Add, R7, 0, R1);
        a.CallKernel("bpf_preempt_enable");
        a.Return();
        a.BeginSubprogram("step", SubprogramLinkage.Static, SubprogramParameter.Number, SubprogramParameter.Number);
        a.Return();
        using BpfProgram program = BpfProgram.Load(a.Build(), [memory.Map], attachment);
        using Target target = Target.Start(4, 2000);
        using (Uprobes.Attach(program, Target.ProgramPath, [new(target.WorkOffset)]))
            target.Run();
        Assert.Equal(8000, memory.Word(0) + (long)program.GetInfo().RecursionMisses);
        Assert.Equal(0, memory.Word(8));
    }

    [Theory]
    [InlineData(UprobeAttachment.Multi)]
    [InlineData(UprobeAttachment.PerfEvent)]
    public void The_cookie_says_which_place_was_hit(UprobeAttachment attachment)
    {
        using SharedMemoryMap memory = RealKernel.CreateMemory();
        var a = new BpfAssembler("cookie", BpfProgramKind.Uprobe);
        a.Call(BpfHelper.GetAttachCookie);
        a.LoadMapValue(R1, "memory");
        a.Store(BpfSize.Double, R1, 0, R0);
        a.Return();
        using BpfProgram program = BpfProgram.Load(a.Build(), [memory.Map], attachment);
        using Target target = Target.Start(1, 1);
        UprobeAttachPoint place = new(target.WorkOffset, 0, 0x1122334455667788);
        using (Uprobes.Attach(program, Target.ProgramPath, [new(target.SledOffset, 0, 5), place]))
            target.Run();
        Assert.Equal(0x1122334455667788, memory.Word(0));
    }

    [Fact]
    public void A_lock_of_atomic_operations_at_masked_offsets_loses_no_update()
    {
        using SharedMemoryMap memory = RealKernel.CreateMemory();
        var a = new BpfAssembler("atomics", BpfProgramKind.Uprobe);
        a.LoadMapValue(R6, "memory");
        a.Load(BpfSize.Double, R7, R6, 0);
        a.MaskedAddress(R8, R7, RealKernel.Mask & ~7);
        a.CallKernel("bpf_preempt_disable");
        a.Store(BpfSize.Double, R10, -8, R8);
        Loop(a, 1 << 23, "lock", -8);
        // The counter beside the lock is not atomic: the lock alone protects it.
        a.Load(BpfSize.Double, R1, R8, 8);
        a.Alu(BpfAluOperator.Add, R1, 1);
        a.Store(BpfSize.Double, R8, 8, R1);
        a.Move(R2, 4);
        a.Atomic(BpfAtomic.FetchOr, R8, 16, R2);
        a.Move(R1, 0);
        a.Atomic(BpfAtomic.Exchange, R8, 0, R1);
        a.CallKernel("bpf_preempt_enable");
        a.Return();
        a.BeginSubprogram("lock", SubprogramLinkage.Static, SubprogramParameter.Number, SubprogramParameter.Number);
        BpfLabel taken = a.NewLabel();
        a.Load(BpfSize.Double, R3, R2, 0);
        a.Move(R0, 0);
        a.Move(R4, 1);
        a.Atomic(BpfAtomic.CompareExchange, R3, 0, R4);
        a.Jump(BpfCondition.Equal, R0, 0, taken);
        a.Return();
        a.Bind(taken);
        a.Return(1);
        using BpfProgram program = BpfProgram.Load(a.Build(), [memory.Map]);
        using Target target = Target.Start(4, 25_000);
        memory.Word(0) = 77_776;
        using (UprobeMultiLink.Attach(program, Target.ProgramPath, [new(target.WorkOffset)]))
            target.Run();
        Assert.Equal(100_000, memory.Word(77_784));
        Assert.Equal(4, memory.Word(77_792));
        Assert.Equal(0, memory.Word(77_776));
    }

    [Fact]
    public void An_atomic_operation_wants_a_mask_that_clears_the_low_bits()
    {
        using SharedMemoryMap memory = RealKernel.CreateMemory();
        var a = new BpfAssembler("unaligned", BpfProgramKind.Uprobe);
        a.LoadMapValue(R6, "memory");
        a.Load(BpfSize.Double, R7, R6, 0);
        a.MaskedAddress(R8, R7);
        a.Load(BpfSize.Double, R1, R8, 0); // a plain access may lie anywhere
        a.Atomic(BpfAtomic.Add, R8, 0, R1);
        a.Return();
        string message = Assert.Throws<BpfException>(() => BpfProgram.Load(a.Build(), [memory.Map])).Message;
        Assert.Contains("misaligned value access", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_handler_sends_a_record_of_variable_size_straight_from_the_memory()
    {
        using SharedMemoryMap memory = RealKernel.CreateMemory();
        using RingBufferReader ring = RingBufferReader.Create(MapSpec.Ring("events", 1 << 16));
        var a = new BpfAssembler("output", BpfProgramKind.Uprobe);
        a.LoadMapValue(R6, "memory");
        a.Load(BpfSize.Double, R7, R6, 0);
        a.MaskedAddress(R2, R7);
        a.Load(BpfSize.Double, R3, R6, 8);
        a.Alu(BpfAluOperator.And, R3, 4095);
        a.LoadMap(R1, "events");
        a.Move(R4, 0);
        a.Call(BpfHelper.RingbufOutput);
        a.Return();
        using BpfProgram program = BpfProgram.Load(a.Build(), [memory.Map, ring.Map]);
        using Target target = Target.Start(1, 3);
        memory.Word(0) = RealKernel.Mask - 100;
        memory.Word(8) = 3001;
        memory.Span.Slice(RealKernel.Mask - 100, 3001).Fill(9);
        using (UprobeMultiLink.Attach(program, Target.ProgramPath, [new(target.WorkOffset)]))
            target.Run();
        Assert.Equal(3, ring.Drain(r => Assert.True(r.Length == 3001 && r.IndexOfAnyExcept((byte)9) < 0)));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(100)]
    [InlineData(1000)]
    public void A_switch_over_an_unknown_pc_in_a_loops_callback_verifies_once_for_each_case(int cases)
    {
        const int Steps = 20, Pc = 0, Value = 8;
        using SharedMemoryMap memory = RealKernel.CreateMemory();
        var a = new BpfAssembler("machine", BpfProgramKind.Uprobe);
        a.Store(BpfSize.Double, R10, -8, R1);
        a.LoadMapValue(R2, "memory");
        a.Store(BpfSize.Double, R10, -16, R2);
        Loop(a, 1 << 23, "step", -16);
        a.Return();
        a.BeginSubprogram("step", SubprogramLinkage.Static, SubprogramParameter.Number, SubprogramParameter.Number);
        a.Move(R6, R2);
        a.Load(BpfSize.Double, R7, R6, 0);
        a.Load(BpfSize.Double, R1, R7, Pc);
        BpfLabel[] labels = [.. Enumerable.Range(0, cases).Select(_ => a.NewLabel())];
        Dispatch(a, labels, 0, cases);
        for (int n = 0; n < cases; n++)
        {
            a.Bind(labels[n]);
            for (int step = 0; step < Steps; step++)
            {
                // *(memory + (value + step * 8 & mask)) += 1, as a generated statement would.
                a.Load(BpfSize.Double, R1, R7, Value);
                a.Alu(BpfAluOperator.Add, R1, 64 + step * 8);
                a.MaskedAddress(R2, R1);
                a.Load(BpfSize.Double, R3, R2, 0);
                BpfLabel odd = a.NewLabel();
                a.Jump(BpfCondition.AnyBit, R3, 1, odd);
                a.Alu(BpfAluOperator.Add, R3, 2);
                a.Bind(odd);
                a.Store(BpfSize.Double, R2, 0, R3);
            }

            a.Store(BpfSize.Double, R7, Pc, n + 1);
            a.Return(n + 1 == cases ? 1 : 0);
        }

        ProgramSpec spec = a.Build();
        long start = Stopwatch.GetTimestamp();
        using BpfProgram program = BpfProgram.Load(spec, [memory.Map]);
        double milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        uint verified = program.GetInfo().VerifiedInstructions;
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{cases} cases, {spec.Instructions.Length} slots: {verified} instructions verified, loaded in {milliseconds:f1} ms, "
                + $"{program.GetInfo().JitedLength} bytes");
        // Linear: no case is gone through more than a few times.
        Assert.InRange(verified, (uint)spec.Instructions.Length / 2, 6u * (uint)spec.Instructions.Length);

        using Target target = Target.Start(1, 1);
        using (UprobeMultiLink.Attach(program, Target.ProgramPath, [new(target.WorkOffset)]))
            target.Run();
        Assert.Equal(cases, memory.Word(Pc));
        Assert.Equal(2 * cases, memory.Word(64));
        Assert.Equal(2 * cases, memory.Word(64 + (Steps - 1) * 8));
    }

    [Theory]
    [InlineData(UprobeAttachment.Multi)]
    [InlineData(UprobeAttachment.PerfEvent)]
    public void A_sleepable_handler_reads_memory_that_was_never_touched_and_may_do_all_else(UprobeAttachment attachment)
    {
        using SharedMemoryMap memory = RealKernel.CreateMemory();
        using RingBufferReader ring = RingBufferReader.Create(MapSpec.Ring("events", 1 << 16));
        using Target target = Target.Start(1, 1);
        var a = new BpfAssembler("sleepable", BpfProgramKind.Uprobe) { IsSleepable = true };
        a.Move(R6, R1);
        ReadUser(a, BpfHelper.ProbeReadUser, 0);
        ReadUser(a, BpfHelper.CopyFromUser, 16);
        a.CallKernel("bpf_preempt_disable");
        Loop(a, 5, "step", 0);
        a.CallKernel("bpf_preempt_enable");
        a.LoadMap(R1, "events");
        a.LoadMapValue(R2, "memory");
        a.Move(R3, 8);
        a.Move(R4, 0);
        a.Call(BpfHelper.RingbufOutput);
        a.Return();
        a.BeginSubprogram("step", SubprogramLinkage.Static, SubprogramParameter.Number, SubprogramParameter.Number);
        a.Return();
        using BpfProgram program = BpfProgram.Load(a.Build(), [memory.Map, ring.Map], attachment);
        using (Uprobes.Attach(program, Target.ProgramPath, [new(target.WorkOffset)]))
        {
            memory.Word(16) = memory.Word(24) = 5;
            target.Run();
        }

        Assert.Equal(-14, memory.Word(8)); // EFAULT: the page is not there
        Assert.Equal(0, memory.Word(24));
        Assert.Equal(0, memory.Word(16));
        Assert.Equal(1, ring.Drain(_ => { }));

        // memory[at] = *cold, memory[at + 8] = the helper's result; the fourth argument is the address.
        static void ReadUser(BpfAssembler a, BpfHelper helper, uint at)
        {
            a.LoadMapValue(R1, "memory", at);
            a.Move(R2, 8);
            a.Load(BpfSize.Double, R3, R6, RealKernel.Argument(3));
            a.Call(helper);
            a.LoadMapValue(R1, "memory", at);
            a.Store(BpfSize.Double, R1, 8, R0);
        }
    }

    [Fact]
    public void The_parents_process_id_is_reached_by_offsets_of_the_kernels_types()
    {
        using SharedMemoryMap memory = RealKernel.CreateMemory();
        Assert.SkipWhen(KernelBtf.Vmlinux is null, "this kernel shows no types");
        BtfMember parent = KernelBtf.Vmlinux.FindMember("task_struct", "real_parent")!.Value;
        BtfMember tgid = KernelBtf.Vmlinux.FindMember("task_struct", "tgid")!.Value;
        var a = new BpfAssembler("ppid", BpfProgramKind.Uprobe);
        a.Call(BpfHelper.GetCurrentTask);
        a.Move(R3, R0);
        a.Alu(BpfAluOperator.Add, R3, parent.Offset);
        ReadKernel(a, 8);
        a.Load(BpfSize.Double, R3, R10, -8);
        a.Alu(BpfAluOperator.Add, R3, tgid.Offset);
        ReadKernel(a, 4);
        a.Load(BpfSize.Word, R1, R10, -8);
        a.LoadMapValue(R2, "memory");
        a.Store(BpfSize.Double, R2, 0, R1);
        a.Return();
        using BpfProgram program = BpfProgram.Load(a.Build(), [memory.Map]);
        using Target target = Target.Start(1, 1);
        using (UprobeMultiLink.Attach(program, Target.ProgramPath, [new(target.WorkOffset)]))
            target.Run();
        Assert.Equal(Environment.ProcessId, memory.Word(0));
    }

    private static void ReadKernel(BpfAssembler a, int size)
    {
        a.Move(R1, R10);
        a.Alu(BpfAluOperator.Add, R1, -8);
        a.Move(R2, size);
        a.Call(BpfHelper.ProbeReadKernel);
    }

    /// <summary>bpf_loop(count, callback, frame pointer + context, 0).</summary>
    private static void Loop(BpfAssembler a, int count, string callback, int context)
    {
        a.Move(R1, count);
        a.LoadFunction(R2, callback);
        a.Move(R3, R10);
        a.Alu(BpfAluOperator.Add, R3, context);
        a.Move(R4, 0);
        a.Call(BpfHelper.Loop);
    }

    /// <summary>A binary search over R1; what is no case ends the loop.</summary>
    private static void Dispatch(BpfAssembler a, BpfLabel[] labels, int low, int high)
    {
        if (high - low == 1)
        {
            a.Jump(BpfCondition.Equal, R1, low, labels[low]);
            a.Return(1);
            return;
        }

        int middle = (low + high) / 2;
        BpfLabel upper = a.NewLabel();
        a.Jump(BpfCondition.GreaterOrEqual, R1, middle, upper);
        Dispatch(a, labels, low, middle);
        a.Bind(upper);
        Dispatch(a, labels, middle, high);
    }
}
