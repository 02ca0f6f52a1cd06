using System.Runtime.InteropServices;
using Virtap.Binaries.Code;
using Virtap.Debugging.Evaluation;
using Virtap.Debugging.Machine;
using Virtap.Debugging.Values;
using Virtap.Processes;
using Virtap.Processes.Memory;
using Architecture = Virtap.Binaries.Architecture;

namespace Virtap.Debugging.Tests.Machine;

/// <summary>What an aarch64 host shows of its processor: on x86-64 too, as nothing here asks which one this is.</summary>
public class Arm64Tests
{
    private static readonly TargetMemory s_own = LiveProcess.Get(Environment.ProcessId).Memory;

    [Theory]
    [InlineData("pc", 32, "void (*)()")]
    [InlineData("sp", 31, "void *")]
    [InlineData("fp", 29, "int64_t")]
    [InlineData("lr", 30, "int64_t")]
    [InlineData("x0", 0, "int64_t")]
    [InlineData("x16", 16, "int64_t")]
    [InlineData("x29", 29, "int64_t")]
    [InlineData("w7", 7, "int32_t")]
    public void Registers_have_their_names_and_numbers(string name, int number, string type)
    {
        var registers = new RegisterValues(Architecture.Arm64);
        for (int each = 0; each < registers.Count; each++)
            registers[each] = 1000ul + (ulong)each;

        Value value = Registers.Find(registers, name, s_own)!;

        Assert.Equal((1000ul + (ulong)number, type), (value.ToAddress(), value.Type.ToString()));
    }

    [Theory]
    [InlineData("rax")]
    [InlineData("eax")]
    [InlineData("rip")]
    [InlineData("x31")]
    [InlineData("w")]
    public void There_are_none_of_another_processor(string name)
    {
        var registers = new RegisterValues(Architecture.Arm64) { [0] = 1, [7] = 1, [16] = 1 };

        Assert.Null(Registers.Find(registers, name, s_own));
    }

    [Fact]
    public void Instructions_are_shown_as_words()
    {
        // svc #0
        byte[] code = GC.AllocateArray<byte>(8, pinned: true);
        ((ReadOnlySpan<byte>)[0x01, 0x00, 0x00, 0xd4]).CopyTo(code);
        ulong address = (ulong)Marshal.UnsafeAddrOfPinnedArrayElement(code, 0);

        MachineInstruction instruction = new Disassembler(Architecture.Arm64, s_own, static _ => null).At(address)!;

        Assert.Equal((address, 4, ".inst  0xd4000001 ; not decoded"), (instruction.Address, instruction.Bytes.Length, instruction.Text));
    }
}
