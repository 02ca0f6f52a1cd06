using Virtap.Cli.Rendering;
using Virtap.Tracing.Runtime;

namespace Virtap.Cli.Tests.Rendering;

public class TextOutputTests
{
    [Fact]
    public void Tones_are_colours_on_a_terminal_and_nothing_elsewhere()
    {
        Assert.Equal("\e[36mdisk0\e[0m\n", Rendered.Text(o => o.WriteLine("disk0", Tone.Name), hasColor: true));
        Assert.Equal("disk0\n", Rendered.Text(o => o.WriteLine("disk0", Tone.Name)));
    }

    [Fact]
    public void Sentences_are_broken_between_words_and_go_on_where_they_began()
    {
        string text = Rendered.Text(o =>
        {
            o.Write("    ");
            o.WriteSentence("one two three four", 4);
        }, width: 13);

        Assert.Equal("    one two\n    three\n    four\n", text);
    }

    [Fact]
    public void A_word_that_is_too_long_stays_whole() =>
        Assert.Equal("0x55d2a8f1c2d0 it\nis\n", Rendered.Text(o => o.WriteSentence("0x55d2a8f1c2d0 it is", 0), width: 17));

    [Fact]
    public void In_a_pipe_nothing_is_broken() =>
        Assert.Equal(new string('x', 500) + " y\n", Rendered.Text(o => o.WriteSentence(new string('x', 500) + " y", 4)));

    [Fact]
    public void Whoever_writes_is_told_that_nobody_reads_any_more()
    {
        using var output = new TextOutput(new OutputWriter(_ => throw new IOException("no reader")), hasColor: false);
        output.WriteLine("text");

        Assert.Throws<IOException>(output.Flush);
    }
}
