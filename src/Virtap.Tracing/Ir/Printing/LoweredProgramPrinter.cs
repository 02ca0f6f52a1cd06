using System.Diagnostics;
using System.Text;
using Virtap.Language;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Ir.Printing;

/// <summary>
/// Lists a lowered program for people: what -p3 prints, and what tests compare. Globals and literals appear by name and text; a slot of
/// the context is <c>s</c> and its number, counted in words from the first.
/// </summary>
public sealed partial class LoweredProgramPrinter
{
    private readonly LoweredProgram _program;
    private readonly Dictionary<int, string> _names = [];
    private readonly Dictionary<int, string> _parts = [];
    private readonly StringBuilder _text = new();
    private int _depth;

    private LoweredProgramPrinter(LoweredProgram program)
    {
        _program = program;
        foreach (LoweredGlobal global in program.Globals)
            (global.Statistic is null ? _names : _parts)[global.Offset] = global.Name;
    }

    /// <summary>The whole listing.</summary>
    public static string Print(LoweredProgram program)
    {
        var printer = new LoweredProgramPrinter(program);
        printer.PrintProgram();
        return printer._text.ToString();
    }

    private void PrintProgram()
    {
        MemoryLayout layout = _program.Layout;
        Line($"# memory: {layout.Bytes} bytes, {layout.ContextCount} contexts of {layout.ContextBytes}");
        if (_program.Globals.Count > 0)
            Line("# globals");
        foreach (LoweredGlobal global in _program.Globals)
            PrintGlobal(global);

        var functions = new HashSet<LoweredFunction>();
        foreach (LoweredHandler handler in _program.Handlers)
        {
            foreach (LoweredFunction function in handler.Functions)
            {
                if (functions.Add(function))
                    PrintFunction(function);
            }

            PrintHandler(handler);
        }
    }

    private void PrintGlobal(LoweredGlobal global)
    {
        string printed = global.IsPrintedAtEnd ? ", printed at the end" : "";
        if (global.Array is { } array)
        {
            string keys = string.Join(", ", array.KeyTypes.Select(Name));
            string size = $"{array.MaxEntries} entries of {array.EntryBytes} bytes{(array.Wraps ? ", wraps" : "")}";
            Line($"{global.Name}[{keys}]: {Name(global.Type)} at {global.Offset}, {size}{printed}");
        }
        else
        {
            string kept = global.Statistic is { } statistic ? $", {statistic.Bytes} bytes of each context" : InitialValue(global);
            Line($"{global.Name}: {Name(global.Type)} at {global.Offset}{kept}{printed}");
        }
    }

    private string InitialValue(LoweredGlobal global)
    {
        foreach (InitialBytes initial in _program.Initial)
        {
            if (initial.Offset != global.Offset)
                continue;
            ReadOnlySpan<byte> bytes = initial.Bytes.Span;
            return " = " + global.Type switch
            {
                ScriptType.String => Quote(Encoding.UTF8.GetString(bytes.TrimEnd((byte)0))),
                ScriptType.Long or ScriptType.Unknown => BitConverter.ToInt64(bytes).ToString(),
                ScriptType.Statistics => throw new UnreachableException("a statistic has no first value"),
            };
        }

        return "";
    }

    private void PrintFunction(LoweredFunction function)
    {
        Line($"function {function.Name}{(function.IsRecursive ? $" # recursive, saves {function.SlotsBytes} bytes" : "")}");
        PrintNested(function.Body);
    }

    private void PrintHandler(LoweredHandler handler)
    {
        string more = handler.Targets.Count > 1 ? $" and {handler.Targets.Count - 1} more" : "";
        Line($"{handler.Name}: {(handler.Targets.Count > 0 ? handler.Targets[0].Point : "")}{more}");
        PrintNested(handler.Body);
    }

    private void Line(string line) => _text.Append(' ', _depth * 2).Append(line).Append('\n');

    private static string Name(ScriptType type) => type switch
    {
        ScriptType.String => "string",
        ScriptType.Statistics => "stats",
        ScriptType.Long or ScriptType.Unknown => "long",
    };

    private static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (char c in text)
        {
            quoted.Append(c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\t' => "\\t",
                _ when char.IsControl(c) => $"\\{Convert.ToString(c, 8).PadLeft(3, '0')}",
                _ => c.ToString(),
            });
        }

        return quoted.Append('"').ToString();
    }
}
