using Spectre.Console;
using Virtap.Cli.Rendering;
using Virtap.Language;
using Virtap.Language.Diagnostics;

namespace Virtap.Cli.Queues;

/// <summary>The table in one place of a terminal, written anew for each interval.</summary>
internal static class LiveTable
{
    public static void Show(IEnumerable<QueueTable> tables)
    {
        var waiting = new Text("watching ...");
        AnsiConsole.Live(waiting).Overflow(VerticalOverflow.Ellipsis).Start(display =>
        {
            foreach (QueueTable table in tables)
                display.UpdateTarget(ToSpectre(table));
        });
    }

    private static Table ToSpectre(QueueTable queues)
    {
        TextTable text = queues.ToText();
        var dim = new Style(decoration: Decoration.Dim);
        var table = new Table { Border = TableBorder.None, Title = new TableTitle(queues.Heading + "   Ctrl-C ends", dim) };
        if (queues.Footnote is { } footnote)
            table.Caption = new TableTitle(Markup.Escape(PrintableText.OfLine(footnote)), dim);
        foreach (Rendering.Column column in text.Columns)
        {
            table.AddColumn(new TableColumn(new Text(column.Heading, new Style(decoration: Decoration.Bold)))
            {
                Alignment = column.IsNumber ? Justify.Right : Justify.Left,
                NoWrap = true,
                Padding = new Padding(0, 0, 2, 0),
            });
        }

        foreach (Cell[] row in text.Rows)
            table.AddRow(row.Select(cell => new Text(cell.Text, StyleOf(cell.Tone))));
        return table;
    }

    private static Style StyleOf(Tone tone) => tone switch
    {
        Tone.Strong => new Style(decoration: Decoration.Bold),
        Tone.Quiet => new Style(decoration: Decoration.Dim),
        Tone.Name => new Style(Color.Teal),
        Tone.Good => new Style(Color.Green),
        Tone.Caution => new Style(Color.Olive),
        Tone.Bad => new Style(Color.Maroon, decoration: Decoration.Bold),
        _ => Style.Plain,
    };
}
