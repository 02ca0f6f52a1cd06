using System.Diagnostics;
using Virtap.Bpf.Btf;

namespace Virtap.Bpf.Tests.Btf;

public class KernelBtfTests
{
    [Fact]
    public void Functions_and_members_of_the_running_kernel_are_found_by_name_in_milliseconds()
    {
        Assert.SkipUnless(File.Exists(KernelBtf.VmlinuxPath), "this kernel shows no types");
        long start = Stopwatch.GetTimestamp();
        KernelBtf btf = KernelBtf.TryOpen(KernelBtf.VmlinuxPath, out string? reason) ?? throw new InvalidOperationException(reason);
        double opened = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        Assert.NotNull(btf.FindFunction("schedule"));
        Assert.Null(btf.FindFunction("no_such_function"));
        BtfMember tgid = Assert.NotNull(btf.FindMember("task_struct", "tgid"));
        Assert.Equal(4, tgid.Size);
        Assert.Equal(8, btf.FindMember("task_struct", "real_parent")?.Size);
        Assert.Equal(16, btf.FindMember("task_struct", "comm")?.Size);
        Assert.Null(btf.FindMember("task_struct", "no_such_member"));
        Assert.Null(btf.FindMember("no_such_struct", "tgid"));
        double all = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        TestContext.Current.TestOutputHelper?.WriteLine($"opened in {opened:f1} ms, {btf.Count} types, all in {all:f1} ms");
        Assert.True(all < 2000);
    }

    [Fact]
    public void Members_of_anonymous_inner_structures_are_found_at_their_own_offset()
    {
        Assert.SkipUnless(File.Exists(KernelBtf.VmlinuxPath), "this kernel shows no types");
        // struct page keeps all but its flags in anonymous unions of anonymous structures.
        BtfMember flags = Assert.NotNull(KernelBtf.Vmlinux!.FindMember("page", "flags"));
        BtfMember mapping = Assert.NotNull(KernelBtf.Vmlinux!.FindMember("page", "mapping"));
        Assert.Equal(0, flags.Offset);
        Assert.Equal(24, mapping.Offset);
    }

    [Theory]
    [InlineData("", "not BTF")]
    [InlineData("7f454c4600000000000000000000000000000000000000000000000000000000", "not BTF")]
    [InlineData("9feb01001800000000000000ffffffff0000000001000000", "cut short")]
    public void What_is_no_btf_is_refused_with_a_reason(string hex, string expected)
    {
        Assert.Null(KernelBtf.TryParse(Convert.FromHexString(hex), out string? reason));
        Assert.Contains(expected, reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_types_end_the_reading_and_no_more()
    {
        Assert.SkipUnless(File.Exists(KernelBtf.VmlinuxPath), "this kernel shows no types");
        byte[] good = File.ReadAllBytes(KernelBtf.VmlinuxPath);
        var random = new Random(1);
        for (int round = 0; round < 20; round++)
        {
            byte[] bad = [.. good];
            for (int n = 0; n < 5000; n++)
                bad[24 + random.Next(bad.Length - 24)] = (byte)random.Next(256);
            KernelBtf btf = KernelBtf.TryParse(bad, out _)!;
            _ = btf.FindMember("task_struct", "real_parent");
            _ = btf.FindMember("page", "mapping");
            _ = btf.FindFunction("schedule");
        }
    }
}
