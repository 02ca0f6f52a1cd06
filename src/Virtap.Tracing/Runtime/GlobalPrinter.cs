using System.Diagnostics;
using System.Globalization;
using Virtap.Language.Binding.Tree;
using Virtap.Language;
using Virtap.Language.Formats;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Runtime;

/// <summary>
/// Prints the globals that a script writes and never reads, as SystemTap does behind the last end probe: <c>count=5</c>,
/// <c>name="text"</c>, <c>hits["read",3]=7</c>; an aggregate as <c>times @count=2 @min=1 @max=5 @sum=6 @avg=3</c>. An array's entries
/// come by descending value, or count. (SystemTap wrote numbers in hexadecimal before 4.3; now only those whose type, from debuginfo, is
/// a pointer's.)
/// </summary>
public static class GlobalPrinter
{
    /// <summary>Prints those of some globals for which that holds.</summary>
    /// <param name="memory">The session's memory.</param>
    /// <param name="layout">Its layout.</param>
    /// <param name="globals">The globals, in the script's order.</param>
    /// <param name="output">Where to.</param>
    public static void Print(FlatMemory memory, MemoryLayout layout, IEnumerable<LoweredGlobal> globals, OutputWriter output)
    {
        var strings = new StringMemory(memory, layout);
        foreach (LoweredGlobal global in globals.Where(static global => global.IsPrintedAtEnd))
        {
            if (global.Array is { } array)
                PrintArray(memory, strings, global, array, output);
            else if (global.Statistic is { } statistic)
                PrintStatistic(memory, layout, global, statistic, output);
            else
                PrintScalar(memory, strings, global, output);
        }
    }

    private static void PrintScalar(FlatMemory memory, StringMemory strings, LoweredGlobal global, OutputWriter output)
    {
        output.Text.Append(global.Name);
        AppendValue(output.Text, memory, strings, global, global.Offset);
        output.Added();
    }

    private static void PrintStatistic(
        FlatMemory memory, MemoryLayout layout, LoweredGlobal global, StatisticLayout statistic, OutputWriter output)
    {
        output.Text.Append(global.Name);
        AppendStatistic(output.Text, new StatisticMemory(memory, statistic).Total(global.Offset, layout));
        output.Added();
    }

    private static void PrintArray(FlatMemory memory, StringMemory strings, LoweredGlobal global, ArrayLayout array, OutputWriter output)
    {
        // Aggregates come by descending count, which is their first word.
        ScriptType sortType = array.Statistic is null ? array.ValueType : ScriptType.Long;
        foreach (long entry in new ArrayMemory(memory, strings, array).Sorted(array.ValueOffset, sortType, descending: true))
        {
            output.Text.Append(global.Name);
            for (int i = 0; i < array.KeyTypes.Count; i++)
            {
                output.Text.Append(i == 0 ? "["u8 : ","u8);
                Append(output.Text, memory, strings, array.KeyTypes[i], entry + array.KeyOffsets[i]);
            }

            output.Text.Append("]"u8);
            if (array.Statistic is { } statistic)
                AppendStatistic(output.Text, new StatisticMemory(memory, statistic).Summary(entry + array.ValueOffset));
            else
                AppendValue(output.Text, memory, strings, global, entry + array.ValueOffset);
            output.Added();
        }
    }

    /// <summary>SystemTap writes the count of an empty one in hexadecimal.</summary>
    private static void AppendStatistic(TextBuffer text, StatisticSummary summary)
    {
        text.Append(summary.Count == 0
            ? " @count=0x0\n"
            : string.Create(
                CultureInfo.InvariantCulture,
                $" @count={summary.Count} @min={summary.Minimum} @max={summary.Maximum} @sum={summary.Sum} @avg={summary.Average}\n"));
    }

    private static void AppendValue(TextBuffer text, FlatMemory memory, StringMemory strings, LoweredGlobal global, long offset)
    {
        text.Append("="u8);
        Append(text, memory, strings, global.Type, offset);
        text.Append("\n"u8);
    }

    private static void Append(TextBuffer text, FlatMemory memory, StringMemory strings, ScriptType type, long offset)
    {
        TextBufferSink sink = text.AsSink();
        bool isText = type switch
        {
            ScriptType.String => true,
            ScriptType.Long or ScriptType.Unknown => false,
            ScriptType.Statistics => throw new UnreachableException("an aggregate is no value"),
        };
        if (!isText)
        {
            TextFormatter.Number(ref sink, new ConversionFormat(FormatConversion.Signed, FormatFlags.None), memory.Word(offset));
            return;
        }

        text.Append("\""u8);
        text.Append(strings.Read(offset));
        text.Append("\""u8);
    }
}
