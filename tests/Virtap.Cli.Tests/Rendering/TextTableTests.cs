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
    public void Columns_leave_a_table_that_is_too_wide_those_without_text_first_and_what_leaves_is_told()
    {
        var table = new TextTable(
            new Column("DEVICE"), new Column("SIZE", IsNumber: true, Leaves: 1), new Column("DONE", IsNumber: true, Leaves: 2),
            new Column("NOTE", Leaves: 3));
        table.Add("disk0", "128", "414988", "");

        Assert.Equal("DEVICE  SIZE    DONE\ndisk0    128  414988\n", Fitting(20, []));
        Assert.Equal("DEVICE    DONE\ndisk0   414988\n", Fitting(19, ["SIZE"]));
        Assert.Equal("DEVICE\ndisk0\n", Fitting(1, ["SIZE", "DONE"]));

        string Fitting(int width, string[] leftOut)
        {
            (TextTable narrow, IReadOnlyList<string> left) = table.Fit(width);
            Assert.Equal(leftOut, left);
            return Rendered.Text(o => narrow.Write(o));
        }
    }

    [Fact]
    public void Colours_do_not_count_as_width()
    {
        var table = new TextTable(new Column("A"), new Column("B"));
        table.Add(new Cell("bad", Tone.Bad), "x");

        Assert.EndsWith("\e[1;31mbad\e[0m  x\n", Rendered.Text(o => table.Write(o), hasColor: true), StringComparison.Ordinal);
    }
}
