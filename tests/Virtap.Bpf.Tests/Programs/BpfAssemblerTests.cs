using System.Runtime.InteropServices;
using Virtap.Bpf.Instructions;
using Virtap.Bpf.Programs;
using Virtap.Bpf.Specs;
using static Virtap.Bpf.Instructions.BpfRegister;

namespace Virtap.Bpf.Tests.Programs;

public class BpfAssemblerTests
{
    private static byte[] BytesOf(ProgramSpec spec) => MemoryMarshal.AsBytes(spec.Instructions.AsSpan()).ToArray();

    private static string Hex(ProgramSpec spec) =>
        string.Join(' ', Convert.ToHexStringLower(BytesOf(spec)).Chunk(16).Select(c => new string(c)));

    [Fact]
    public void Instructions_are_encoded_as_the_standard_says()
    {
        var a = new BpfAssembler("p", BpfProgramKind.Uprobe);
        a.Move(R6, R1);
        a.Move(R0, -1);
        a.Load(BpfSize.Double, R2, R6, 112);
        a.Store(BpfSize.Byte, R10, -8, R2);
        a.Store(BpfSize.Word, R10, -16, 7);
        a.LoadConstant(R3, 0x1122334455667788);
        a.Atomic(BpfAtomic.CompareExchange, R3, 8, R2);
        a.ToBigEndian(R2, 16);
        a.Call(BpfHelper.KtimeGetNs);
        a.Exit();
        Assert.Equal(
            "bf16000000000000 b7000000ffffffff 7962700000000000 732af8ff00000000 620af0ff07000000 1803000088776655 0000000044332211 "
            + "db230800f1000000 dc02000010000000 8500000005000000 9500000000000000",
            Hex(a.Build()));
    }

    [Fact]
    public void The_listing_reads_like_the_verifiers_log_with_names()
    {
        var a = new BpfAssembler("count", BpfProgramKind.Uprobe);
        BpfLabel done = a.NewLabel();
        a.Comment("n++");
        a.LoadMapValue(R1, "memory", 64);
        a.Move(R2, 1);
        a.Atomic(BpfAtomic.Add, R1, 0, R2);
        a.Jump(BpfCondition.SignedLess, R2, 5, done);
        a.CallKernel("bpf_preempt_disable");
        a.LoadMap(R1, "events");
        a.LoadFunction(R2, "step");
        a.CallFunction("helper");
        a.Bind(done);
        a.Move(R0, 0);
        a.Exit();
        a.BeginSubprogram("step", SubprogramLinkage.Static, SubprogramParameter.Number, SubprogramParameter.Number);
        a.Alu32(BpfAluOperator.ShiftRightArithmetic, R1, 3);
        a.Move(R0, 0);
        a.Exit();
        a.BeginSubprogram("helper", SubprogramLinkage.Global, SubprogramParameter.Number);
        a.Move(R0, R1);
        a.Exit();
        Assert.Equal(
            """
            program count: Uprobe
            Global count(Context):
                  ; n++
               0: (18) r1 = map[memory][0]+64
               2: (b7) r2 = 1
               3: (db) lock *(u64 *)(r1 +0) += r2
               4: (c5) if r2 s< 0x5 goto pc+6
               5: (85) call bpf_preempt_disable
               6: (18) r1 = map[events]
               8: (18) r2 = step
              10: (85) call helper
              11: (b7) r0 = 0
              12: (95) exit
            Static step(Number, Number):
              13: (c4) w1 s>>= 3
              14: (b7) r0 = 0
              15: (95) exit
            Global helper(Number):
              16: (bf) r0 = r1
              17: (95) exit

            """,
            a.Build().ToString());
    }

    [Fact]
    public void The_same_calls_give_the_same_bytes()
    {
        static ProgramSpec Make()
        {
            var a = new BpfAssembler("p", BpfProgramKind.Uprobe);
            BpfLabel back = a.MarkNew();
            a.LoadMapValue(R1, "memory", 8);
            a.Jump32(BpfCondition.AnyBit, R1, R2, back);
            a.Exit();
            return a.Build();
        }

        Assert.Equal(BytesOf(Make()), BytesOf(Make()));
        Assert.Equal(Make().ToString(), Make().ToString());
    }

    [Theory]
    [InlineData(32767, false)]
    [InlineData(32768, true)]
    public void Jumps_out_of_reach_become_long(int between, bool isLong)
    {
        var a = new BpfAssembler("far", BpfProgramKind.Uprobe);
        BpfLabel end = a.NewLabel();
        a.Jump(BpfCondition.Equal, R1, 0, end);
        for (int n = 0; n < between; n++)
            a.Move(R0, 0);
        a.Bind(end);
        a.Exit();
        ProgramSpec spec = a.Build();
        Assert.Equal(isLong, spec.HasLongJumps);
        if (!isLong)
            return;
        Assert.StartsWith("(15) if r1 == 0x0 goto pc+1", BpfDisassembler.Format(spec.Instructions.AsSpan(), 0), StringComparison.Ordinal);
        Assert.Equal("(05) goto pc+1", BpfDisassembler.Format(spec.Instructions.AsSpan(), 1));
        Assert.Equal("(06) gotol pc+32768", BpfDisassembler.Format(spec.Instructions.AsSpan(), 2));
    }

    [Fact]
    public void Mistakes_of_the_builder_are_named()
    {
        var a = new BpfAssembler("p", BpfProgramKind.Uprobe);
        Assert.Contains("empty", Assert.Throws<BpfAssemblyException>(a.Build).Message, StringComparison.Ordinal);
        a.CallFunction("nothing");
        Assert.Contains("'nothing'", Assert.Throws<BpfAssemblyException>(a.Build).Message, StringComparison.Ordinal);
        a.Jump(a.NewLabel());
        Assert.Contains("not bound", Assert.Throws<BpfAssemblyException>(a.Build).Message, StringComparison.Ordinal);
    }
}
