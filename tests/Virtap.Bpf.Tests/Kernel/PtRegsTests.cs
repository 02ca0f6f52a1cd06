using System.Runtime.InteropServices;
using Virtap.Bpf.Kernel;

namespace Virtap.Bpf.Tests.Kernel;

public class PtRegsTests
{
    [Theory]
    [InlineData(Architecture.X64, 0, 80)] // rax
    [InlineData(Architecture.X64, 5, 112)] // rdi
    [InlineData(Architecture.X64, 7, 152)] // rsp
    [InlineData(Architecture.X64, 15, 0)] // r15
    [InlineData(Architecture.X64, 16, 128)] // rip
    [InlineData(Architecture.X64, 49, 144)] // flags
    [InlineData(Architecture.X64, 51, 136)] // cs
    [InlineData(Architecture.X64, 52, 160)] // ss
    [InlineData(Architecture.Arm64, 0, 0)] // x0
    [InlineData(Architecture.Arm64, 30, 240)] // lr
    [InlineData(Architecture.Arm64, 31, 248)] // sp
    [InlineData(Architecture.Arm64, 32, 256)] // pc
    public void Registers_lie_where_the_kernel_saves_them(Architecture architecture, int register, int expected)
    {
        Assert.True(PtRegs.TryGetOffset(architecture, register, out int offset));
        Assert.Equal(expected, offset);
    }

    [Theory]
    [InlineData(Architecture.X64, 17)] // xmm0
    [InlineData(Architecture.X64, -1)]
    [InlineData(Architecture.Arm64, 64)] // v0
    [InlineData(Architecture.S390x, 0)]
    public void What_is_not_saved_is_not_found(Architecture architecture, int register) =>
        Assert.False(PtRegs.TryGetOffset(architecture, register, out _));
}
