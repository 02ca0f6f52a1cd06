using Virtap.Language;
using Virtap.Language.Diagnostics;

namespace Virtap.Cli.Rendering;

/// <summary>Columns as wide as what stands in them, two blanks apart; numbers to the right.</summary>
/// <param name="columns">The columns in their order.</param>
internal sealed class TextTable(params IReadOnlyList<Column> columns)
{
    private readonly List<Cell[]> _rows = [];

    public IReadOnlyList<Column> Columns => columns;

    public IReadOnlyList<Cell[]> Rows => _rows;

    /// <summary>Adds a row: a cell for each column.</summary>
    public void Add(params Cell[] cells)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(cells.Length, columns.Count, nameof(cells));
        _rows.Add(cells);
    }

    /// <summary>Writes the headings and all rows.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="indent">What stands before each line.</param>
    public void Write(TextOutput output, string indent = "")
    {
        int[] widths = [.. columns.Select((column, i) => _rows.Select(r => r[i].Text.Length).Append(column.Heading.Length).Max())];
        Line(output, indent, widths, [.. columns.Select(c => new Cell(c.Heading, Tone.Quiet))]);
        foreach (Cell[] row in _rows)
            Line(output, indent, widths, row);
    }

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

            blanks += before + (columns[i].IsNumber ? 0 : padding) + 2;
        }

        output.WriteLine();
    }
}

/// <summary>A column.</summary>
/// <param name="Heading">What stands above it.</param>
/// <param name="IsNumber">Whether it is aligned to the right.</param>
internal readonly record struct Column(string Heading, bool IsNumber = false);

/// <summary>What stands in a column of a row.</summary>
internal readonly record struct Cell(string Text, Tone Tone = Tone.Plain)
{
    /// <summary>As it is shown: columns are as wide as that.</summary>
    public string Text { get; } = PrintableText.OfLine(Text);

    public static implicit operator Cell(string text) => new(text);
}
