using System.Globalization;
using System.Text;
using CsCheck;
using Virtap.Processes.Access;
using Virtap.Processes.Files;
using Virtap.Processes.Memory;

namespace Virtap.Processes.Tests.Memory;

public class MappingsTests
{
    [Fact]
    public void A_line_is_taken_apart()
    {
        Mapping mapping = Assert.Single(
            Mappings.Parse("7f2a10000000-7f2a10021000 rw-s 00003000 fe:01 1234567                    /tmp/a file (deleted)\n"u8));

        Assert.Equal(
            new Mapping(
                0x7f2a10000000, 0x7f2a10021000, MappingProtection.Read | MappingProtection.Write | MappingProtection.Shared, 0x3000,
            new FileIdentity(0xfe, 1, 1234567), "/tmp/a file", true), mapping);
    }

    [Fact]
    public void A_name_may_hold_a_newline_and_a_mapping_may_have_none()
    {
        Mappings mappings = Mappings.Parse(
            [
                .. "1000-2000 r-xp 00000000 00:00 0 \n2000-3000 ---p 00000000 08:01 7  /a\\012b\n"u8,
                .. "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]\n"u8,
            ]);

        Assert.Equal(["", "/a\nb", "[vsyscall]"], mappings.Select(m => m.Path));
        Assert.Equal(0xffffffffff601000, mappings[2].End);
    }

    [Fact]
    public void Any_text_is_parsed_without_an_error() =>
        Gen.OneOf(
            Gen.Byte.Array[0, 200],
            Gen.String["0123456789abcdef- \n:rwxps/(deleted)"].Select(Encoding.UTF8.GetBytes))
        .Sample(text => Mappings.Parse(text).All(m => m.Start < m.End));

    [Fact]
    public void What_the_kernel_writes_comes_back_and_every_address_finds_its_mapping()
    {
        Gen<(uint Gap, uint Length, ulong Offset, byte Major, uint Minor, ulong Inode)[]> lines =
            Gen.Select(Gen.UInt[0, 3], Gen.UInt[1, 9], Gen.ULong[0, 1ul << 50], Gen.Byte, Gen.UInt[0, 255], Gen.ULong).Array[1, 30];
        lines.Sample(parts =>
        {
            ulong address = 0x1000;
            var expected = new List<Mapping>();
            var text = new StringBuilder();
            foreach (var (gap, length, offset, major, minor, inode) in parts)
            {
                ulong start = address + gap * 0x1000ul, end = start + length * 0x1000ul;
                address = end;
                expected.Add(new Mapping(start, end, MappingProtection.Read, offset, new FileIdentity(major, minor, inode), "/f", false));
                text.Append(CultureInfo.InvariantCulture, $"{start:x8}-{end:x8} r--p {offset:x8} {major:x2}:{minor:x2} {inode} /f\n");
            }

            Mappings parsed = Mappings.Parse(Encoding.UTF8.GetBytes(text.ToString()));

            Assert.Equal(expected, parsed);
            for (ulong probe = 0; probe < address + 0x2000; probe += 0x800)
                Assert.Equal(expected.Where(m => m.Contains(probe)).Select(m => (Mapping?)m).SingleOrDefault(), parsed.At(probe));
        });
    }

    [Fact]
    public void The_load_bias_is_that_of_the_code_and_not_of_another_view_of_the_file()
    {
        var file = new FileIdentity(8, 1, 42);
        // The whole file once more, to read it; then the loader's own mappings, the second and third of which share a page of the file.
        Mappings mappings = Mappings.Parse("""
            10000-20000 r--p 00000000 08:01 42 /bin/x
            555555554000-555555555000 r--p 00000000 08:01 42 /bin/x
            555555555000-555555558000 r-xp 00000000 08:01 42 /bin/x
            555555559000-55555555a000 rw-p 00003000 08:01 42 /bin/x
            """u8);

        Assert.Equal(0x555555554000ul, mappings.LoadBias(file, codeOffset: 0xf40, codeAddress: 0x1f40));
        Assert.Null(mappings.LoadBias(file, codeOffset: 0x9000, codeAddress: 0xa000));
        Assert.Null(mappings.LoadBias(file with { Inode = 43 }, 0xf40, 0x1f40));
    }

    [Fact]
    public unsafe void This_process_has_its_own_heap_mapped()
    {
        nint block = System.Runtime.InteropServices.Marshal.AllocHGlobal(16);
        try
        {
            Mapping? mapping = Mappings.Read(Environment.ProcessId).At((ulong)block);

            Assert.NotNull(mapping);
            Assert.True(mapping.Value.Protection.HasFlag(MappingProtection.Read | MappingProtection.Write));
            Assert.False(mapping.Value.IsFile);
        }
        finally
        {
            System.Runtime.InteropServices.Marshal.FreeHGlobal(block);
        }
    }

    [Fact]
    public void A_process_that_is_not_there_is_said_to_be_gone()
    {
        ProcessException error = Assert.Throws<ProcessException>(() => Mappings.Read(int.MaxValue));

        Assert.Contains("no process 2147483647", error.Message, StringComparison.Ordinal);
    }
}
