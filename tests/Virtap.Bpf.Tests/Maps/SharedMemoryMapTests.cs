using Virtap.Bpf.Instructions;
using Virtap.Bpf.Kernel;
using Virtap.Bpf.Links;
using Virtap.Bpf.Maps;
using Virtap.Bpf.Programs;
using Virtap.Bpf.Specs;
using Virtap.Bpf.Tests.Support;
using static Virtap.Bpf.Instructions.BpfRegister;

namespace Virtap.Bpf.Tests.Maps;

public class SharedMemoryMapTests
{
    [Fact]
    public void A_program_and_this_process_work_on_the_same_64_megabytes_at_any_masked_offset()
    {
        const uint Size = 64 << 20;
        using SharedMemoryMap memory = RealKernel.CreateMemory(Size);
        var a = new BpfAssembler("copy", BpfProgramKind.Syscall);
        a.LoadMapValue(R6, "memory");
        a.Load(BpfSize.Double, R7, R6, 0);
        a.MaskedAddress(R8, R7, (int)Size - 1);
        a.Load(BpfSize.Double, R1, R8, 0);
        a.Alu(BpfAluOperator.Add, R1, 1);
        a.Store(BpfSize.Double, R8, 8, R1);
        a.Return();
        using BpfProgram program = BpfProgram.Load(a.Build(), [memory.Map]);
        foreach (long offset in (long[])[64, 12_345, Size - 8, (7L << 40) + 4096])
        {
            int inside = (int)(offset & (Size - 1));
            memory.Word(0) = offset;
            memory.Word(inside) = 41;
            Assert.Equal(0u, program.TestRun([]));
            Assert.Equal(42, memory.Word(inside + 8));
        }
    }

    [Fact]
    public void Strings_are_read_straight_into_the_memory_at_a_masked_offset_with_a_variable_size()
    {
        using SharedMemoryMap memory = RealKernel.CreateMemory();
        var a = new BpfAssembler("strings", BpfProgramKind.Uprobe);
        a.Load(BpfSize.Double, R3, R1, RealKernel.Argument(1)); // the text
        a.LoadMapValue(R6, "memory");
        a.Load(BpfSize.Double, R7, R6, 0);
        a.MaskedAddress(R1, R7);
        a.Load(BpfSize.Double, R2, R6, 8);
        a.Alu(BpfAluOperator.And, R2, 511);
        a.Call(BpfHelper.ProbeReadUserStr);
        a.Store(BpfSize.Double, R6, 16, R0);
        a.Call(BpfHelper.GetCurrentTask);
        a.Move(R3, R0);
        a.Load(BpfSize.Double, R7, R6, 0);
        a.Alu(BpfAluOperator.Add, R7, 1024);
        a.MaskedAddress(R1, R7);
        a.Move(R2, 16);
        a.Call(BpfHelper.ProbeReadKernelStr);
        a.Store(BpfSize.Double, R6, 24, R0);
        a.Return();
        using BpfProgram program = BpfProgram.Load(a.Build(), [memory.Map]);
        using Target target = Target.Start(1, 1);
        using UprobeMultiLink link = UprobeMultiLink.Attach(program, Target.ProgramPath, [new(target.WorkOffset)]);
        memory.Word(0) = 100_001;
        memory.Word(8) = 100;
        target.Run();
        Assert.Equal(5, memory.Word(16));
        Assert.Equal("text\0"u8, memory.Span.Slice(100_001, 5));
        Assert.True(memory.Word(24) > 0);
    }

    [Fact]
    public void Memory_that_is_too_large_is_refused_with_the_kernels_error()
    {
        RealKernel.Require();
        var refusal = Assert.Throws<BpfException>(() => SharedMemoryMap.Create(MapSpec.Memory("memory", 0)));
        Assert.StartsWith("creating map memory: Array key 4 value 0 entries 1 Mmapable: ", refusal.Message, StringComparison.Ordinal);
    }
}
