using Virtap.Binaries.Marks.Recovered;

namespace Virtap.Binaries.Tests.Marks.Recovered;

public class LogFormatTests
{
    [Theory]
    [InlineData("virtio_notify vdev %p vq %p\n", "vdev:void *, vq:void *")]
    [InlineData("mem_read ahci(%p): read%u @ 0x%lx: 0x%016lx\n", "ahci:void *, read:unsigned int, :uint64_t, :uint64_t")]
    [InlineData(
        "regs addr=0x%lx size:%zu left %zd value '%s' char [%c]\n",
        "addr:uint64_t, size:size_t, left:ssize_t, value:const char *, char:char")]
    [InlineData("small b %hhu s %hd 100%% done %.2f\n", "b:uint8_t, s:int16_t, done:double")]
    [InlineData("event text %.*s at %-*d\n", ":int, text:const char *, :int, at:int")]
    [InlineData("nothing all\n", "")]
    public void Arguments_are_what_the_text_prints_and_how_it_labels_them(string text, string expected)
    {
        LogFormat format = LogFormat.TryParse(text)!;
        Assert.Equal(text.Split(' ')[0], format.EventName);
        Assert.Equal(expected, string.Join(", ", format.Conversions.Select(conversion => $"{conversion.Name}:{conversion.Type}")));
    }

    [Fact]
    public void Thread_and_time_come_before_the_events_own_arguments()
    {
        LogFormat format = LogFormat.TryParse("%d@%zu.%06zu:virtio_notify vdev %p vq %p\n")!;
        Assert.Equal(("virtio_notify", 3, 2), (format.EventName, format.ArgumentsBefore, format.Conversions.Count));
    }

    [Theory]
    [InlineData("")]
    [InlineData("no_arguments\n")]
    [InlineData("bad %")]
    [InlineData("bad %y\n")]
    [InlineData("bad %lls\n")]
    public void Other_texts_are_none(string text) => Assert.Null(LogFormat.TryParse(text));
}
