using System.Diagnostics;
using System.Text;
using Virtap.Binaries.Elf;
using Virtap.Binaries.Marks;
using Virtap.Binaries.Marks.Recovered;
using Virtap.Binaries.Marks.TraceEvents;
using Virtap.Binaries.Tests.Support;

namespace Virtap.Binaries.Tests.Marks.Recovered;

/// <summary>The QEMU that is installed here, as its package has it: stripped, with the <c>log</c> trace backend.</summary>
public sealed class InstalledQemuTests(ITestOutputHelper output) : IDisposable
{
    private const string NotUsed = "this QEMU's code does not use the event";

    private readonly ElfFile? _file = File.Exists(Tool.Qemu) ? ElfFile.Open(Tool.Qemu) : null;

    public void Dispose() => _file?.Dispose();

    [Fact]
    public void Nearly_all_events_are_recovered_and_nearly_all_of_their_arguments_are_readable() =>
        RecoveredShare.Measure(Open(), "the installed QEMU", output);

    [Fact]
    public void What_is_missing_has_a_reason_and_what_is_there_has_none()
    {
        RecoveredMarks marks = Open();
        HashSet<string> recovered = [.. marks.All().Select(mark => mark.Name)];
        foreach (string name in marks.Names)
            Assert.Equal(recovered.Contains(name), marks.WhyMissing(name) is null);
        foreach (MarkArgument argument in marks.All().SelectMany(mark => mark.Sites).SelectMany(site => site.Arguments))
        {
            Assert.Equal(argument.Value is null, argument.Unreadable is not null);
            Assert.NotNull(argument.Type);
        }
    }

    [Fact]
    public void Every_site_is_a_conditional_jump_of_the_file()
    {
        foreach (MarkSite site in Open().All().SelectMany(mark => mark.Sites))
        {
            ReadOnlySpan<byte> code = _file!.BytesAt(site.Address, 2);
            Assert.True(
                code[0] is 0x74 or 0x75 || (code[0] == 0x0f && code[1] is 0x84 or 0x85), $"{site.Address:x}: {code[0]:x} {code[1]:x}");
            Assert.True(_file.TryAddress(site.FileOffset, out ulong address));
            Assert.Equal(site.Address, address);
        }
    }

    [Fact]
    public void A_mark_is_the_same_whether_it_is_recovered_alone_or_with_all()
    {
        RecoveredMarks all = Open();
        Dictionary<string, Mark> together = all.All().ToDictionary(mark => mark.Name);
        RecoveredMarks alone = Open();
        foreach (string name in all.Names.Where((_, n) => n % 37 == 0))
        {
            Assert.Equal(Describe(together.GetValueOrDefault(name)), Describe(alone.Find(name)));
            Assert.Equal(all.WhyMissing(name), alone.WhyMissing(name));
        }
    }

    [Fact]
    public void The_marks_of_virtio_are_where_the_code_of_7_2_22_has_them()
    {
        RecoveredMarks marks = Open();
        Assert.SkipUnless(IsVersion("7.2.22"), "the QEMU installed here is not 7.2.22");
        Assert.Equal(
            "6e5154 void *vdev=(long)$rax void *req=(long)$rbx int status=(long)(unsigned char)((long)$rbp)",
            Describe(marks.Find("virtio_blk_req_complete")));
        Assert.Equal("732f3d void *vdev=(long)$rbp void *vq=(long)$rbx", Describe(marks.Find("virtio_notify_irqfd")));
        Assert.Equal("73317d void *vdev=(long)$rbp void *vq=(long)$rbx", Describe(marks.Find("virtio_notify")));
    }

    [Fact]
    public void Names_are_as_they_are_written_and_only_so()
    {
        RecoveredMarks marks = Open();
        Assert.Contains("virtio_notify", marks.Names);
        Assert.SkipUnless(marks.Names.Contains("scsi_disk_emulate_command_UNMAP"), "this QEMU has no scsi_disk_emulate_command_UNMAP");
        Assert.NotNull(marks.Find("scsi_disk_emulate_command_UNMAP"));
        Assert.Equal(
            "this QEMU has no such trace event, but scsi_disk_emulate_command_UNMAP", marks.WhyMissing("scsi_disk_emulate_command_unmap"));
        Assert.Equal("this QEMU has no such trace event", marks.WhyMissing("virtio_nonsense"));
        Assert.Equal("this QEMU has no such trace event", marks.WhyMissing(""));
    }

    [Fact]
    public void Without_declarations_names_and_types_come_from_the_text()
    {
        Assert.SkipWhen(_file is null, $"{Tool.Qemu} is not installed");
        RecoveredMarks marks = RecoveredMarks.TryOpen(_file, null)!;
        MarkSite site = marks.Find("virtio_blk_req_complete")!.Sites[0];
        Assert.Equal(["vdev", "req", "status"], site.Arguments.Select(argument => argument.Name));
        Assert.Equal(["void *", "void *", "int"], site.Arguments.Select(argument => argument.Type?.ToString()));
    }

    [Fact]
    public void A_file_that_is_no_QEMU_has_no_such_marks()
    {
        using ElfFile file = ElfFile.Open(Environment.ProcessPath!);
        Assert.Null(RecoveredMarks.TryOpen(file, null));
    }

    private RecoveredMarks Open()
    {
        Assert.SkipWhen(_file is null, $"{Tool.Qemu} is not installed");
        RecoveredMarks? marks = RecoveredMarks.TryOpen(_file, TraceEventTable.TryOpenOfHost());
        Assert.SkipWhen(marks is null, $"{Tool.Qemu} has no log trace backend");
        return marks;
    }

    private static bool IsVersion(string version) =>
        Tool.Run(Tool.Qemu, "--version").Contains($"version {version} ", StringComparison.Ordinal);

    private static string Describe(Mark? mark) => mark is null ? "none" : string.Join("; ", mark.Sites.Select(Describe));

    private static string Describe(MarkSite site)
    {
        var text = new StringBuilder($"{site.Address:x}");
        foreach (MarkArgument argument in site.Arguments)
        {
            string name = argument.Type!.ToString(), type = name.EndsWith('*') ? name : name + " ";
            text.Append($" {type}{argument.Name}={(argument.Value is null ? "?" : Show.Of(argument.Value))}");
        }

        return text.Append(site.Condition is null ? "" : $" if {Show.Of(site.Condition)}").ToString();
    }
}
