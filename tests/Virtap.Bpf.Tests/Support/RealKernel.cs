using System.Runtime.InteropServices;
using Virtap.Bpf.Instructions;
using Virtap.Bpf.Kernel;
using Virtap.Bpf.Maps;
using Virtap.Bpf.Programs;
using Virtap.Bpf.Specs;

namespace Virtap.Bpf.Tests.Support;

/// <summary>What the tests on the real kernel share: the privilege check, and programs over one flat memory.</summary>
internal static class RealKernel
{
    public const uint MemorySize = 1 << 20;
    public const int Mask = (int)MemorySize - 1;

    /// <summary>Skips the test where this process may not load programs.</summary>
    public static void Require() => Assert.SkipUnless(Privileges.Suffice, Privileges.Explain());

    /// <summary>The memory, a page longer than the mask reaches, so that any access of up to a page at a masked offset is inside.</summary>
    public static SharedMemoryMap CreateMemory(uint size = MemorySize)
    {
        Require();
        return SharedMemoryMap.Create(MapSpec.Memory("memory", size + 4096));
    }

    /// <summary>destination = memory + (offset &amp; mask); the offset register is masked in place.</summary>
    public static void MaskedAddress(this BpfAssembler a, BpfRegister destination, BpfRegister offset, int mask = Mask)
    {
        a.Alu(BpfAluOperator.And, offset, mask);
        a.LoadMapValue(destination, "memory");
        a.Alu(BpfAluOperator.Add, destination, offset);
    }

    /// <summary>Where a probe's context holds the register of a function's integer argument, counted from 0.</summary>
    public static int Argument(int number)
    {
        Architecture here = RuntimeInformation.ProcessArchitecture;
        int register = here == Architecture.X64 ? ((int[])[5, 4, 1, 2, 8, 9])[number] : number;
        Assert.True(PtRegs.TryGetOffset(here, register, out int offset));
        return offset;
    }

    public static void Return(this BpfAssembler a, int value = 0)
    {
        a.Move(BpfRegister.R0, value);
        a.Exit();
    }
}
