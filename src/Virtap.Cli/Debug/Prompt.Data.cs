using System.Globalization;
using System.Text;
using Virtap.Binaries;
using Virtap.Cli.Rendering;
using Virtap.Debugging;
using Virtap.Debugging.Machine;
using Virtap.Debugging.Printing;
using Virtap.Debugging.Syntax;
using Virtap.Debugging.Values;

namespace Virtap.Cli.Debug;

/// <summary>Values and memory.</summary>
internal sealed partial class Prompt
{
    private readonly List<DisplayedExpression> _displays = [];
    private DumpFormat _dump = new(1, 'x', 4);
    private ulong _dumpAt;
    private int _lastDisplay;

    private void Print(string rest, bool isOutput)
    {
        (string format, string expression) = SplitFormat(rest);
        PrintOptions options = With(format);
        if (isOutput)
        {
            WriteText(_session.Expressions.Text(_session.Expressions.Evaluate(Given(expression)), options));
            return;
        }

        PrintedValue printed = _session.Expressions.Print(expression.Length > 0 ? expression : "$", options);
        WriteLine(Figures.Invariant($"${printed.Number} = {printed.Text}"));
    }

    private PrintOptions With(string format) => format.Length == 0 ? _session.Options
        : format is [var letter] && PrintOptions.Formats.Contains(letter, StringComparison.Ordinal)
            ? _session.Options with { Format = letter }
        : throw new PromptException($"Undefined output format \"{format}\".");

    /// <summary>Divides <c>/x EXPR</c>.</summary>
    private static (string Format, string Behind) SplitFormat(string text)
    {
        if (!text.StartsWith('/'))
            return ("", text);
        (string format, string rest) = SplitWord(text[1..]);
        return (format, rest);
    }

    private void Display(string rest)
    {
        if (rest.Length == 0)
        {
            ShowDisplays();
            return;
        }

        (string format, string expression) = SplitFormat(rest);
        bool isMemory = format.Any(char.IsAsciiDigit) || format.IndexOfAny(['i', 's', 'b', 'h', 'w', 'g']) >= 0;
        if (!isMemory)
            _ = With(format);
        else if (DumpFormat.Read(format, _dump) is null)
            throw new PromptException($"Undefined output format \"{format}\".");
        _ = ExpressionParser.Parse(Given(expression), _session.Expressions.Scope);
        string? function = _session.MentionsLocals(expression) ? _session.Frame?.Function?.FullName : null;
        var display = new DisplayedExpression(++_lastDisplay, expression, format, isMemory) { IsEnabled = true, Function = function };
        _displays.Add(display);
        if (_isTyped && _session.Target.Process is not null)
            Show(display);
    }

    private void ShowDisplays()
    {
        // What names a function's variables is shown where these are meant.
        string? function = _session.Frame?.Function?.FullName;
        foreach (DisplayedExpression display in _displays.Where(each => each.IsEnabled && (each.Function ?? function) == function).ToList())
            Show(display);
    }

    private void Show(DisplayedExpression display)
    {
        string format = display.IsMemory ? $"x/{display.Format} " : display.Format.Length > 0 ? $"/{display.Format} " : "";
        string head = Figures.Invariant($"{display.Number}: {format}{display.Expression}");
        try
        {
            if (display.IsMemory)
            {
                DumpFormat dump = DumpFormat.Read(display.Format, new DumpFormat(1, 'x', 4))!.Value;
                ulong address = AddressOf(display.Expression);
                WriteLine(head);
                foreach (string line in Dump().Lines(address, dump, _session.Frame?.Address).TakeWhile(_ => !_isStopAsked))
                    WriteLine(line);
                return;
            }

            string text = _session.Expressions.Text(_session.Expressions.Evaluate(display.Expression), With(display.Format));
            WriteLine($"{head} = {text}");
        }
        catch (ValueException e)
        {
            // What names nothing here is shown where it does; what cannot be read is told.
            if (e is not ExpressionException { Fault: ExpressionFault.UnknownName })
                WriteLine($"{head} = <error: {e.Message}>");
        }
    }

    private void Undisplay(string rest)
    {
        if (rest.Length == 0)
        {
            if (Ask("Delete all auto-display expressions?"))
                _displays.Clear();
            return;
        }

        foreach (DisplayedExpression each in Displays(rest))
            _displays.Remove(each);
    }

    private void EnableDisplays(string rest, bool isEnabled)
    {
        foreach (DisplayedExpression each in rest.Length == 0 ? _displays : Displays(rest))
            each.IsEnabled = isEnabled;
    }

    private List<DisplayedExpression> Displays(string rest) => [
        .. rest.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries).Select(word => _displays.Find(each => each.Number == Number(word))
            ?? throw new PromptException("Arguments must be display numbers."))];

    private void Examine(string rest)
    {
        (string format, string expression) = SplitFormat(rest);
        if (format.Length > 0)
            _dump = DumpFormat.Read(format, _dump) ?? throw new PromptException($"Undefined output format \"{format}\".");
        else
            _dump = _dump with { Count = 1 };
        ulong address = expression.Length > 0 ? AddressOf(expression) : _dumpAt;
        MemoryDump dump = Dump();
        foreach (string line in dump.Lines(address, _dump, _session.Frame?.Address).TakeWhile(_ => !_isStopAsked))
            WriteLine(line);
        _dumpAt = dump.End;
    }

    private MemoryDump Dump() =>
        new(_session.Target.Memory, _session.Expressions.Scope, NewDisassembler(), _session.Options);

    private Disassembler NewDisassembler() =>
        new(
            HostArchitecture.Current, _session.Target.Memory,
            address => _session.Target.NameOf(address) is { } name ? name.ToString() : null);

    /// <summary>The address that an expression means: its value, or where an array or a function is.</summary>
    private ulong AddressOf(string expression) => _session.Expressions.Evaluate(expression).ToAddress();

    private void Set(string rest)
    {
        (string first, string value) = SplitWord(rest);
        if (first is "listsize" && int.TryParse(value, out int size) && size > 0)
        {
            _listSize = size;
            return;
        }

        if (first is "confirm" && value is "on" or "off")
        {
            _isAsking = value == "on";
            return;
        }

        // Sessions that were written for gdb begin with these; lines are never folded or coloured here, and nothing is downloaded.
        if (first is "pagination" or "height" or "width" or "logging" or "debuginfod" or "style")
        {
            if (value is "off" or "0" or "unlimited" or "enabled off")
                return;
            throw new PromptException($"'{first}' is off here: lines are not folded or coloured, and nothing is downloaded");
        }

        if (first is not ("print" or "p" or "pr"))
            throw new PromptException(
                "nothing of the target is written: it goes on as if nobody looked at it (set print ... and set listsize are there)");
        _session.Options = _session.Options.With(rest, out string? problem);
        if (problem is not null)
            throw new PromptException(problem);
    }

    private void Show(string rest)
    {
        if (rest == "listsize")
        {
            WriteLine(Figures.Invariant($"Number of source lines gdb will list by default is {_listSize}."));
            return;
        }

        PrintOptions options = _session.Options;
        (string first, string name) = SplitWord(rest);
        if (first is not ("print" or "p"))
            throw new PromptException("show print SETTING and show listsize are there");
        WriteLine(name switch
        {
            "pretty" => $"Pretty formatting of structures is {OnOff(options.Pretty)}.",
            "elements" => $"Limit on string chars or array elements to print is {Limit(options.Elements)}.",
            "repeats" => $"Threshold for repeated print elements is {Limit(options.Repeats)}.",
            "max-depth" => $"Maximum print depth is {Limit(options.MaxDepth)}.",
            "union" => $"Printing of unions interior to structures is {OnOff(options.Unions)}.",
            "address" => $"Printing of addresses is {OnOff(options.Addresses)}.",
            "symbol" => $"Printing of symbol names when printing pointers is {OnOff(options.Symbols)}.",
            "array" => $"Pretty formatting of arrays is {OnOff(options.Arrays)}.",
            "array-indexes" => $"Printing of array indexes is {OnOff(options.ArrayIndexes)}.",
            "null-stop" => $"Printing of char arrays to stop at first null char is {OnOff(options.StopAtNull)}.",
            "static-members" => $"Printing of C++ static members is {OnOff(options.StaticMembers)}.",
            _ => throw new PromptException($"there is no setting 'print {name}' here"),
        });

        static string OnOff(bool isOn) => isOn ? "on" : "off";

        static string Limit(int? count) => count?.ToString(CultureInfo.InvariantCulture) ?? "unlimited";
    }

    /// <summary>printf, as far as values of C are concerned.</summary>
    private string Printf(string rest)
    {
        if (!rest.StartsWith('"'))
            throw new PromptException("Bad format string");
        int end = 1;
        while (end < rest.Length && rest[end] != '"')
            end += rest[end] == '\\' ? 2 : 1;
        if (end >= rest.Length)
            throw new PromptException("Bad format string, non-terminated '\"'");
        string format = rest[1..end];
        var expressions = new Queue<string>(SplitArguments(rest[(end + 1)..].TrimStart().TrimStart(',')));
        var text = new StringBuilder();
        for (int at = 0; at < format.Length; at++)
        {
            if (format[at] != '%')
            {
                text.Append(format[at]);
                continue;
            }

            int start = ++at;
            while (at < format.Length && (char.IsAsciiDigit(format[at]) || format[at] is '-' or '#' or '.' or 'l' or 'h' or 'z'))
                at++;
            char letter = at < format.Length ? format[at] : '%';
            if (letter == '%')
            {
                text.Append('%');
                continue;
            }

            if (!expressions.TryDequeue(out string? expression))
                throw new PromptException("Bad format string, missing '\"' or wrong number of arguments for specified format-string");
            string digits = format[start..at].TrimEnd('l', 'h', 'z').TrimStart('#');
            text.Append(Pad(Formatted(letter, expression), digits));
        }

        return Unescape(text.ToString());
    }

    private string Formatted(char letter, string expression)
    {
        Value value = _session.Expressions.Evaluate(expression);
        switch (letter)
        {
            case 's':
                ulong address = value.ToAddress();
                return _session.Target.Memory.ReadString(address) ?? throw new MemoryFaultException(address);
            case 'd' or 'i':
                return value.ToNumber().ToString(CultureInfo.InvariantCulture);
            case 'c':
                return ((char)(byte)(value.ToNumber() & 0xff)).ToString();
            case 'f' or 'g' or 'e':
                return _session.Expressions.Text(value, _session.Options);
            case 'x' or 'p' or 'u' or 'o':
                string text = _session.Expressions.Text(value, _session.Options with { Format = letter == 'p' ? 'x' : letter });
                return letter == 'x' && text.StartsWith("0x", StringComparison.Ordinal) ? text[2..] : text;
            default:
                throw new PromptException($"Unrecognized format specifier '{letter}' in printf");
        }
    }

    private static string Pad(string text, string width)
    {
        int dot = width.IndexOf('.', StringComparison.Ordinal);
        string whole = dot < 0 ? width : width[..dot];
        if (!int.TryParse(whole, CultureInfo.InvariantCulture, out int columns))
            return text;
        return columns < 0 ? text.PadRight(-columns) : whole.StartsWith('0') ? text.PadLeft(columns, '0') : text.PadLeft(columns);
    }

    private static IEnumerable<string> SplitArguments(string text)
    {
        int depth = 0, start = 0;
        for (int at = 0; at < text.Length; at++)
        {
            depth += text[at] switch { '(' or '[' or '{' => 1, ')' or ']' or '}' => -1, _ => 0 };
            if (text[at] != ',' || depth != 0)
                continue;
            yield return text[start..at].Trim();
            start = at + 1;
        }

        if (text[start..].Trim() is { Length: > 0 } last)
            yield return last;
    }

    private static string Unescape(string text)
    {
        var plain = new StringBuilder();
        for (int at = 0; at < text.Length; at++)
        {
            if (text[at] != '\\' || at + 1 == text.Length)
            {
                if (text[at] != '\\')
                    plain.Append(text[at]);
                continue;
            }

            plain.Append(text[++at] switch { 'n' => '\n', 't' => '\t', 'r' => '\r', 'a' => '\a', var other => other });
        }

        return plain.ToString();
    }
}

/// <summary>An expression that is printed at each stop.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Expression">The expression.</param>
/// <param name="Format">The letters behind the slash; empty for none.</param>
/// <param name="IsMemory">Whether what it points to is printed, as by <c>x</c>.</param>
internal sealed record DisplayedExpression(int Number, string Expression, string Format, bool IsMemory)
{
    /// <summary>The function whose variables it names; null for none's.</summary>
    public string? Function { get; init; }

    /// <summary>Whether it is printed.</summary>
    public bool IsEnabled { get; set; }
}
