using Virtap.Language.Binding;
using Virtap.Language.Binding.Tree;
using Virtap.Tracing.Evaluation;
using Virtap.Tracing.Lowering.Tree;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Output;

/// <summary>
/// Prints the globals that a script writes and never reads, as SystemTap does behind the last end probe: <c>count=5</c>, <c>name="text"</c>,
/// <c>hits["read",3]=7</c>. An array's entries come by descending value. (SystemTap wrote numbers in hexadecimal before 4.3; now only those whose type, from debuginfo, is a pointer's.)
/// </summary>
public static class GlobalPrinter
{
    /// <summary>Prints them.</summary>
    /// <param name="memory">The session's memory.</param>
    /// <param name="layout">Its layout.</param>
    /// <param name="globals">What to print, in the script's order.</param>
    /// <param name="output">Where to.</param>
    public static void Print(FlatMemory memory, MemoryLayout layout, IEnumerable<PrintedGlobal> globals, OutputWriter output)
    {
        var strings = new StringMemory(memory, layout);
        foreach (PrintedGlobal global in globals)
        {
            if (global.Array is { } array)
                PrintArray(memory, strings, global, array, output);
            else
                PrintScalar(memory, strings, global, output);
        }
    }

    private static void PrintScalar(FlatMemory memory, StringMemory strings, PrintedGlobal global, OutputWriter output)
    {
        output.Text.Append(global.Name);
        AppendValue(output.Text, memory, strings, global, global.Offset);
        output.Added();
    }

    private static void PrintArray(FlatMemory memory, StringMemory strings, PrintedGlobal global, ArrayLayout array, OutputWriter output)
    {
        foreach (long entry in new ArrayMemory(memory, strings, array).Sorted(array.ValueOffset, array.ValueType == ScriptType.String, descending: true))
        {
            output.Text.Append(global.Name);
            for (int i = 0; i < array.KeyTypes.Count; i++)
            {
                output.Text.Append(i == 0 ? "["u8 : ","u8);
                Append(output.Text, memory, strings, array.KeyTypes[i], entry + array.KeyOffsets[i]);
            }

            output.Text.Append("]"u8);
            AppendValue(output.Text, memory, strings, global, entry + array.ValueOffset);
            output.Added();
        }
    }

    private static void AppendValue(TextBuffer text, FlatMemory memory, StringMemory strings, PrintedGlobal global, long offset)
    {
        text.Append("="u8);
        Append(text, memory, strings, global.Type, offset);
        text.Append("\n"u8);
    }

    private static void Append(TextBuffer text, FlatMemory memory, StringMemory strings, ScriptType type, long offset)
    {
        if (type == ScriptType.String)
        {
            text.Append("\""u8);
            text.Append(strings.Read(offset));
            text.Append("\""u8);
            return;
        }

        TextBufferSink sink = text.AsSink();
        TextFormatter.Number(ref sink, new ConversionFormat(FormatConversion.Signed, FormatFlags.None), memory.Word(offset));
    }
}
