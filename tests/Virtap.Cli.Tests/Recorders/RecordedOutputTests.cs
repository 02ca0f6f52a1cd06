using System.Text;
using Virtap.Cli.Recorders;

namespace Virtap.Cli.Tests.Recorders;

public sealed class RecordedOutputTests
{
    [Theory]
    // A line that ends with the second text, one that ends within it, one with the first, and none.
    [InlineData("cc\n", 9, "aaaa\nbb", "b\n", "cc\n")]
    [InlineData("cc\n", 9, "aaaa\nbb", "b\ncc\n")]
    [InlineData("b\n", 5, "aaaa\n", "b\n", "cd\n")]
    [InlineData("cccc", 8, "aaaa", "bbbb", "cccc")]
    public void What_stays_begins_with_a_whole_line_and_what_goes_is_counted(string left, long lost, params string[] texts)
    {
        var output = new RecordedOutput(5);
        foreach (string text in texts)
            output.Add(RecorderNews.Output, Encoding.UTF8.GetBytes(text));
        output.End(0);
        (RecordedText? first, long counted) = output.Peek(static () => false);
        Assert.Equal((left, lost), (Encoding.UTF8.GetString(first!.Bytes.Span), counted));
    }
}
