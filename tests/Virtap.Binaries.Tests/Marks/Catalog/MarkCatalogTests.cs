using System.Text;
using Virtap.Binaries.Elf;
using Virtap.Binaries.Marks;
using Virtap.Binaries.Marks.Catalog;
using Virtap.Binaries.Marks.TraceEvents;
using Virtap.Binaries.Tests.Support;

namespace Virtap.Binaries.Tests.Marks.Catalog;

public class MarkCatalogTests
{
    private static readonly TraceEventTable s_declarations = new TraceEventTable(
        Encoding.UTF8.GetBytes("custom(const char *name, int count) \"%s %d\"\nvirtio_notify(void *one) \"%p\"\n"), "test");

    [Fact]
    public void Marks_of_qemu_get_the_names_and_types_of_their_arguments()
    {
        using ElfFile file = Built(("qemu", "custom", "8@%rdi -4@%esi"), ("other", "custom", "8@%rdi -4@%esi"));
        IReadOnlyList<Mark> marks = new MarkCatalog(file, s_declarations).Find(new MarkPattern("custom"));
        Assert.Equal([null, "name"], marks.Select(mark => mark.Sites[0].Arguments[0].Name));
        Assert.Equal(["name", "count"], marks[1].Sites[0].Arguments.Select(argument => argument.Name));
        Assert.Equal(["const char *", "int"], marks[1].Sites[0].Arguments.Select(argument => argument.Type?.ToString()));
        Assert.All(marks[1].Sites[0].Arguments, argument => Assert.NotNull(argument.Value));
    }

    [Fact]
    public void Declarations_with_another_number_of_arguments_give_way_to_the_built_in_ones_or_none()
    {
        using ElfFile file = Built(("qemu", "virtio_notify", "8@%rdi 8@%rsi"), ("qemu", "custom", "8@%rdi"));
        var catalog = new MarkCatalog(file, s_declarations);
        Assert.Equal(
            ["vdev", "vq"], catalog.Find(new MarkPattern("virtio_notify"))[0].Sites[0].Arguments.Select(argument => argument.Name));
        Assert.Null(catalog.Find(new MarkPattern("custom"))[0].Sites[0].Arguments[0].Name);
    }

    [Fact]
    public void Built_in_names_do_where_qemu_has_installed_none()
    {
        using ElfFile file = Built(("qemu", "virtio_blk_req_complete", "8@%rdi 8@%rsi -4@%edx"));
        var catalog = new MarkCatalog(file, new TraceEventTable(default, "empty"));
        Assert.Equal(
            ["vdev", "req", "status"],
            catalog.Find(new MarkPattern("virtio_blk_*"))[0].Sites[0].Arguments.Select(argument => argument.Name));
    }

    [Theory]
    [InlineData(
        "virtio_notify_irqfd", null,
        "this QEMU has no virtio_notify_irqfd; use virtio_notify: since QEMU 10.2 virtio_notify fires for every notification, with an "
            + "iothread or without")]
    [InlineData("virtio_notifiy", null, "similar marks: virtio_notify")]
    [InlineData("virtio_notify", "qemv", "virtio_notify is a mark of provider qemu")]
    [InlineData("zzzzzzzz", null, "no mark of built has a similar name")]
    public void A_mark_that_is_missing_is_explained(string name, string? provider, string expected)
    {
        using ElfFile file = Built(("qemu", "virtio_notify", ""), ("qemu", "custom", ""));
        var pattern = new MarkPattern(name, provider);
        Assert.Empty(new MarkCatalog(file, s_declarations).Find(pattern));
        Assert.Equal(expected, new MarkCatalog(file, s_declarations).Explain(pattern));
    }

    [Fact]
    public void The_processor_is_the_first_argument_of_a_vcpu_event()
    {
        using ElfFile file = Built(("qemu", "guest_cpu_reset", "8@%rdi"), ("qemu", "guest_call", "8@%rdi 8@%rsi"));
        var catalog = new MarkCatalog(
            file,
            new TraceEventTable(Encoding.UTF8.GetBytes("vcpu guest_cpu_reset(void)\nvcpu guest_call(int number) \"%d\"\n"), "test"));
        Assert.Equal(["cpu"], catalog.Find(new MarkPattern("guest_cpu_reset"))[0].Sites[0].Arguments.Select(argument => argument.Name));
        Assert.Equal(
            ["cpu", "number"], catalog.Find(new MarkPattern("guest_call"))[0].Sites[0].Arguments.Select(argument => argument.Name));
    }

    [Theory]
    [InlineData("virtio_blk_req_complete", null, new[] { "vdev", "req", "status" })]
    [InlineData("virtio-blk-req-complete", "qemu", null)]
    [InlineData("virtio_notify_irq?d", "q*", new[] { "vdev", "vq" })]
    [InlineData("virtio_blk_req_complete", "libc", null)]
    public void Marks_of_a_qemu_without_notes_are_recovered(string name, string? provider, string[]? arguments)
    {
        using ElfFile file = ElfFile.Open(Tool.RequireQemu());
        Assert.SkipWhen(SdtNotes.Any(file), "this QEMU has SDT notes");
        IReadOnlyList<Mark> marks = new MarkCatalog(file).Find(new MarkPattern(name, provider));
        Assert.Equal(arguments is null ? 0 : 1, marks.Count);
        if (arguments is null)
            return;
        Assert.Equal(MarkOrigin.Recovered, marks[0].Origin);
        Assert.All(marks[0].Sites, site => Assert.Equal(arguments, site.Arguments.Select(argument => argument.Name)));
    }

    [Theory]
    [InlineData("virtio_notify_irqfd_deferred_fn", null, "use virtio_notify_irqfd: before QEMU 8.2")]
    [InlineData("virtio_blk_complete", null, "similar marks: virtio_blk_rw_complete, virtio_blk_req_complete")]
    [InlineData("virtio_notify", "libc", "virtio_notify is a mark of provider qemu")]
    public void A_mark_that_this_qemu_does_not_have_is_explained(string name, string? provider, string expected)
    {
        using ElfFile file = ElfFile.Open(Tool.RequireQemu());
        Assert.SkipUnless(file.DynamicSymbols.TryFind("_TRACE_VIRTIO_NOTIFY_IRQFD_DSTATE", out _), "another version of QEMU");
        Assert.Contains(expected, new MarkCatalog(file).Explain(new MarkPattern(name, provider)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_without_marks_says_so()
    {
        using ElfFile file = Built();
        Assert.Equal("built has no marks", new MarkCatalog(file, s_declarations).Explain(new MarkPattern("hit")));
        Assert.Empty(new MarkCatalog(file, s_declarations).Names());
    }

    private static ElfFile Built(params (string Provider, string Name, string Arguments)[] marks)
    {
        var builder = new ElfBuilder();
        builder.Add(".text", ElfSectionType.ProgramBits, new byte[16], 0x1000, flags: 4);
        builder.Add(
            ".note.stapsdt", ElfSectionType.Note,
            [.. marks.SelectMany(mark => ElfBuilder.SdtNote(0x1000, mark.Provider, mark.Name, mark.Arguments))]);
        return builder.File();
    }
}
