using Virtap.Language;
using Virtap.Language.Diagnostics;

namespace Virtap.Cli.Rendering;

/// <summary>Columns as wide as what stands in them, two blanks apart; numbers to the right.</summary>
/// <param name="columns">The columns in their order.</param>
internal sealed class TextTable(params IReadOnlyList<Column> columns)
{
    /// <summary>Blanks between two columns.</summary>
    public const int Gap = 2;

    private readonly List<Cell[]> _rows = [];

    public IReadOnlyList<Column> Columns => columns;

    public IReadOnlyList<Cell[]> Rows => _rows;

    /// <summary>Adds a row: a cell for each column.</summary>
    public void Add(params Cell[] cells)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(cells.Length, columns.Count, nameof(cells));
        _rows.Add(cells);
    }

    /// <summary>
    /// The table in so many characters: as long as it is wider, columns leave, those without any text first. Those that never leave may
    /// still be too wide together.
    /// </summary>
    /// <param name="width">The room there is.</param>
    /// <returns>The narrower table, and the headings of the columns that held something and left.</returns>
    public (TextTable Table, IReadOnlyList<string> LeftOut) Fit(int width)
    {
        int[] widths = Widths();
        List<int> kept = [.. Enumerable.Range(0, columns.Count)];
        int Order(int column) => IsEmpty(column) ? 0 : columns[column].Leaves;
        foreach (int leaves in kept.Where(i => columns[i].Leaves > 0).OrderBy(Order).ToArray())
        {
            if (kept.Sum(i => widths[i] + Gap) - Gap <= width)
                break;
            kept.Remove(leaves);
        }

        var table = new TextTable([.. kept.Select(i => columns[i])]);
        // Of a row that only had text in columns that left, nothing is left.
        foreach (Cell[] row in _rows.Select(row => kept.Select(i => row[i]).ToArray()).Where(row => row.Any(cell => cell.Text.Length > 0)))
            table.Add(row);
        return (table, [.. Enumerable.Range(0, columns.Count).Except(kept).Where(i => !IsEmpty(i)).Select(i => columns[i].Heading)]);
    }

    /// <summary>Writes it as the output has room: what columns it has none for is told below.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="indent">What stands before each line.</param>
    public void WriteFitted(TextOutput output, string indent = "")
    {
        if (output.Width is not { } width)
        {
            Write(output, indent);
            return;
        }

        (TextTable table, IReadOnlyList<string> leftOut) = Fit(width - indent.Length);
        table.Write(output, indent);
        if (leftOut.Count > 0)
            output.WriteLine($"{indent}too narrow for {string.Join(", ", leftOut)}", Tone.Quiet);
    }

    /// <summary>Writes the headings and all rows.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="indent">What stands before each line.</param>
    public void Write(TextOutput output, string indent = "")
    {
        int[] widths = Widths();
        Line(output, indent, widths, [.. columns.Select(c => new Cell(c.Heading, Tone.Quiet))]);
        foreach (Cell[] row in _rows)
            Line(output, indent, widths, row);
    }

    private int[] Widths() =>
        [.. columns.Select((column, i) => _rows.Select(r => r[i].Text.Length).Append(column.Heading.Length).Max())];

    private bool IsEmpty(int column) => _rows.TrueForAll(row => row[column].Text.Length == 0);

    private void Line(TextOutput output, string indent, int[] widths, Cell[] cells)
    {
        output.Write(indent);
        int blanks = 0;
        for (int i = 0; i < cells.Length; i++)
        {
            int padding = widths[i] - cells[i].Text.Length;
            int before = columns[i].IsNumber ? padding : 0;
            // Blanks are owed, so that none stand at the end of a line.
            if (cells[i].Text.Length > 0)
            {
                output.Write(new string(' ', blanks + before));
                output.Write(cells[i].Text, cells[i].Tone);
                blanks = 0;
                before = 0;
            }

            blanks += before + (columns[i].IsNumber ? 0 : padding) + Gap;
        }

        output.WriteLine();
    }
}

/// <summary>A column.</summary>
/// <param name="Heading">What stands above it.</param>
/// <param name="IsNumber">Whether it is aligned to the right.</param>
/// <param name="Leaves">When it leaves a table that is too wide: 1 for the first, 0 for never.</param>
internal readonly record struct Column(string Heading, bool IsNumber = false, int Leaves = 0);

/// <summary>What stands in a column of a row.</summary>
internal readonly record struct Cell(string Text, Tone Tone = Tone.Plain)
{
    /// <summary>As it is shown: columns are as wide as that.</summary>
    public string Text { get; } = PrintableText.OfLine(Text);

    public static implicit operator Cell(string text) => new(text);
}
