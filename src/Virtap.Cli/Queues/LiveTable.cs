using Spectre.Console;
using Spectre.Console.Rendering;
using Virtap.Cli.Rendering;
using Virtap.Language;
using Virtap.Language.Diagnostics;

namespace Virtap.Cli.Queues;

/// <summary>
/// The table in one place of a terminal, written anew for each interval. What the terminal has no room for is left out whole, and told:
/// half a number is a wrong number.
/// </summary>
internal static class LiveTable
{
    // Title, headings, what is said below in up to three lines, and the line of the cursor.
    private const int LinesBesideRows = 6;

    private static readonly Style s_dim = new(decoration: Decoration.Dim);

    public static void Show(IEnumerable<QueueTable> tables)
    {
        var waiting = new Text("watching ...");
        AnsiConsole.Live(waiting).Overflow(VerticalOverflow.Ellipsis).Cropping(VerticalOverflowCropping.Bottom).Start(display =>
        {
            foreach (QueueTable table in tables)
                display.UpdateTarget(ToSpectre(table));
        });
    }

    private static Rows ToSpectre(QueueTable queues)
    {
        TerminalSize size = TerminalSize.OfStandardOutput() ?? new TerminalSize { Columns = 80, Rows = 24 };
        (TextTable text, IReadOnlyList<string> leftOut) = queues.ToText().Fit(size.Columns);
        Cell[][] rows = [.. text.Rows.Take(size.Rows == 0 ? int.MaxValue : Math.Max(size.Rows - LinesBesideRows, 1))];
        List<IRenderable> parts = [new Text(queues.Heading + "   Ctrl-C ends", s_dim), ToSpectre(text.Columns, rows)];
        if (queues.Footnote is { } footnote)
            parts.Add(new Text(PrintableText.OfLine(footnote), s_dim));
        if (leftOut.Count > 0)
            parts.Add(new Text($"too narrow for {string.Join(", ", leftOut)}", s_dim));
        if (text.Rows.Count - rows.Length is > 0 and int more)
            parts.Add(new Text($"too low for {Figures.Count(more, "more queue")}: name a QEMU or a device", s_dim));
        return new Rows(parts);
    }

    private static Table ToSpectre(IReadOnlyList<Rendering.Column> columns, Cell[][] rows)
    {
        var table = new Table { Border = TableBorder.None };
        for (int i = 0; i < columns.Count; i++)
        {
            table.AddColumn(new TableColumn(Whole(columns[i].Heading, new Style(decoration: Decoration.Bold)))
            {
                Alignment = columns[i].IsNumber ? Justify.Right : Justify.Left,
                NoWrap = true,
                Padding = new Padding(0, 0, i < columns.Count - 1 ? TextTable.Gap : 0, 0),
            });
        }

        foreach (Cell[] row in rows)
            table.AddRow(row.Select(cell => Whole(cell.Text, StyleOf(cell.Tone))));
        return table;
    }

    // In one line; where the columns that never leave have no room, it shows that it was cut.
    private static Text Whole(string text, Style style) => new(text, style) { Overflow = Overflow.Ellipsis };

    private static Style StyleOf(Tone tone) => tone switch
    {
        Tone.Strong => new Style(decoration: Decoration.Bold),
        Tone.Quiet => s_dim,
        Tone.Name => new Style(Color.Teal),
        Tone.Good => new Style(Color.Green),
        Tone.Caution => new Style(Color.Olive),
        Tone.Bad => new Style(Color.Maroon, decoration: Decoration.Bold),
        _ => Style.Plain,
    };
}
