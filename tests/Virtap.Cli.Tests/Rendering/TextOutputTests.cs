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
    public void A_line_in_pieces_goes_on_below_between_words_further_in()
    {
        string text = Rendered.Text(o =>
        {
            o.Write("  disk0", Tone.Name);
            o.Write(" queue 0: ");
            o.WriteLine("1,234 requests", Tone.Strong);
            o.WriteLine("short");
        }, width: 24);

        Assert.Equal("  disk0 queue 0: 1,234\n      requests\nshort\n", text);
    }

    [Fact]
    public void A_colour_that_is_broken_goes_on_in_the_next_line() =>
        Assert.Equal("\e[1mone two\e[0m\n    \e[1mthree\e[0m\n", Rendered.Text(o => o.WriteLine("one two three", Tone.Strong), true, 10));

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
