using Virtap.Tracing.Runtime;

namespace Virtap.Tracing.Tests.Runtime;

public class OutputWriterTests
{
    [Fact]
    public void Text_gathers_until_it_is_flushed_or_much()
    {
        var writes = new List<int>();
        var writer = new OutputWriter(bytes => writes.Add(bytes.Length));
        writer.Write("a"u8);
        writer.Write("é");
        Assert.Empty(writes);
        writer.Flush();
        writer.Flush();
        Assert.Equal([3], writes);
        for (int i = 0; i < 70; i++)
            writer.Write(new byte[1000]);
        Assert.Equal([3, 66000], writes);
    }

    [Fact]
    public void A_file_is_emptied_and_holds_everything_at_the_end()
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            File.WriteAllText(path, "something longer than what follows");
            using (OutputWriter writer = OutputWriter.ToFile(path))
            {
                writer.Write("one\n"u8);
                writer.Flush();
                writer.Write("two\n"u8);
            }

            Assert.Equal("one\ntwo\n", File.ReadAllText(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_failure_is_remembered_and_nothing_is_written_after_it()
    {
        int writes = 0;
        var writer = new OutputWriter(_ =>
        {
            writes++;
            throw new IOException("nobody reads");
        });
        writer.Write("a"u8);
        writer.Flush();
        writer.Write("b"u8);
        writer.Flush();
        Assert.Equal((1, "nobody reads"), (writes, writer.Failure?.Message));
    }

    [Fact]
    public void A_full_device_is_a_failure()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "no /dev/full here");
        using OutputWriter writer = OutputWriter.ToFile("/dev/full");
        writer.Write("a"u8);
        writer.Flush();
        Assert.Contains("No space left", writer.Failure?.Message, StringComparison.Ordinal);
    }
}
