using System.Buffers.Binary;
using Virtap.Binaries.Elf;
using Virtap.Binaries.Marks;
using Virtap.Binaries.Marks.Recovered;
using Virtap.Binaries.Tests.Support;

namespace Virtap.Binaries.Tests.Marks.Recovered;

/// <summary>Debian's builds of QEMU for other processors and of other ages, as <c>scripts/other-qemus</c> fetches them.</summary>
public class OtherQemusTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("5.2-amd64")]
    [InlineData("5.2-arm64")]
    [InlineData("7.2-arm64")]
    [InlineData("10.0-amd64")]
    [InlineData("10.0-arm64")]
    [InlineData("11.1-amd64")]
    [InlineData("11.1-arm64")]
    public void Nearly_all_events_are_recovered_and_nearly_all_of_their_arguments_are_readable(string version)
    {
        using ElfFile file = ElfFile.Open(Tool.RequireOtherQemu(version));
        RecoveredMarks marks = RecoveredMarks.TryOpen(file, null)!;
        IReadOnlyList<Mark> all = RecoveredShare.Measure(marks, $"QEMU {version}", output);
        List<MarkArgument> arguments = RecoveredShare.ArgumentsOf(all);
        foreach (var missing in marks.Names.Select(marks.WhyMissing).OfType<string>().CountBy(reason => reason))
            output.WriteLine($"{missing.Value} events: {missing.Key}");
        foreach (var unreadable in arguments.Select(argument => argument.Unreadable).OfType<string>().CountBy(reason => reason)
            .Where(reason => reason.Value > 10))
            output.WriteLine($"{unreadable.Value} arguments: {unreadable.Key}");
        Assert.All(arguments, argument => Assert.Equal(argument.Value is null, argument.Unreadable is not null));
        foreach (MarkSite site in all.SelectMany(mark => mark.Sites).Where(_ => file.Architecture == Architecture.Arm64))
        {
            // cbz, cbnz; b.eq, b.ne
            uint word = BinaryPrimitives.ReadUInt32LittleEndian(file.BytesAt(site.Address, sizeof(uint)));
            Assert.True((word & 0x7e000000) == 0x34000000 || (word & 0xff00001e) == 0x54000000, $"{site.Address:x}: {word:x}");
        }
    }
}
