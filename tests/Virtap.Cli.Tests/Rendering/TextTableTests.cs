using Virtap.Cli.Rendering;

namespace Virtap.Cli.Tests.Rendering;

public class TextTableTests
{
    [Fact]
    public void Columns_are_as_wide_as_what_stands_in_them_and_no_line_ends_in_blanks()
    {
        var table = new TextTable(new Column("DEVICE"), new Column("SIZE", IsNumber: true), new Column("NOTE"));
        table.Add(new Cell("a-long-name"), "8", "");
        table.Add("b", "", "x");

        Assert.Equal("""
            > DEVICE       SIZE  NOTE
            > a-long-name     8
            > b                  x

            """, Rendered.Text(o => table.Write(o, "> ")));
    }

    [Fact]
    public void Colours_do_not_count_as_width()
    {
        var table = new TextTable(new Column("A"), new Column("B"));
        table.Add(new Cell("bad", Tone.Bad), "x");

        Assert.EndsWith("\e[1;31mbad\e[0m  x\n", Rendered.Text(o => table.Write(o), hasColor: true), StringComparison.Ordinal);
    }
}
