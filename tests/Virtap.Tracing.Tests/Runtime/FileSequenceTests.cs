using Virtap.Tracing.Runtime;

namespace Virtap.Tracing.Tests.Runtime;

public sealed class FileSequenceTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("virtap-files").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(0, "out.0:aaaabb", "out.1:bbcc", "out.2:ccccccccc", "out.3:d")]
    [InlineData(2, "out.2:ccccccccc", "out.3:d")]
    public void The_next_file_begins_where_the_last_is_full_and_the_oldest_go(int kept, params string[] files)
    {
        using (OutputWriter output = OutputWriter.ToFiles(Path.Combine(_folder, "out"), 6, kept))
        {
            foreach (string text in new[] { "aaaa", "bb", "bbcc", "ccccccccc", "d" })
            {
                output.Write(text);
                output.Flush();
            }

            output.Complete();
        }

        Assert.Equal(files, Files());
    }

    [Fact]
    public void The_next_file_begins_when_it_is_asked_for_behind_what_was_written_before()
    {
        using (OutputWriter output = OutputWriter.ToFile(Path.Combine(_folder, "out")))
        {
            output.Write("a");
            output.BeginNextFile();
            output.Write("b");
            output.AskForNextFile();
            output.Complete();
            output.Write("c");
            output.Complete();
        }

        Assert.Equal(["out:a", "out.1:b", "out.2:c"], Files());
    }

    private IEnumerable<string> Files() =>
        Directory.GetFiles(_folder).Order(StringComparer.Ordinal).Select(path => $"{Path.GetFileName(path)}:{File.ReadAllText(path)}");
}
