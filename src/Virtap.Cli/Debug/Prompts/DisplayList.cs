using Virtap.Cli.Rendering;
using Virtap.Debugging.Machine;
using Virtap.Debugging.Sessions;
using Virtap.Debugging.Syntax;
using Virtap.Debugging.Values;
using static Virtap.Cli.Debug.Prompts.CommandArguments;
using static Virtap.Cli.Debug.Prompts.PromptOutput;

namespace Virtap.Cli.Debug.Prompts;

/// <summary>Expressions that are printed at each stop.</summary>
internal sealed class DisplayList(DebugSession session, PromptConsole console, MemoryView memory)
{
    private static readonly DumpFormat s_memoryFormat = new(1, 'x', 4);

    private readonly List<DisplayedExpression> _displays = [];
    private int _lastNumber;

    /// <summary><c>display</c>: shows them, or adds one.</summary>
    public void Display(string rest)
    {
        if (rest.Length == 0)
        {
            Show();
            return;
        }

        (string format, string expression) = SplitFormat(rest);
        bool isMemory = format.Any(char.IsAsciiDigit) || format.IndexOfAny(['i', 's', 'b', 'h', 'w', 'g']) >= 0;
        if (isMemory)
            _ = MemoryView.Read(format, s_memoryFormat);
        else
            _ = ValueCommands.Read(format, session.Options);
        _ = ExpressionParser.Parse(Given(expression), session.Expressions.Scope);
        string? function = session.MentionsLocals(expression) ? session.Frame?.Function?.FullName : null;
        var display = new DisplayedExpression(++_lastNumber, expression, format, isMemory) { IsEnabled = true, Function = function };
        _displays.Add(display);
        if (console.IsTyped && session.Target.Process is not null)
            Show(display);
    }

    /// <summary>Shows all that mean something where the process is.</summary>
    public void Show()
    {
        // What names a function's variables is shown where these are meant.
        string? function = session.Frame?.Function?.FullName;
        foreach (DisplayedExpression display in _displays.Where(each => each.IsEnabled && (each.Function ?? function) == function).ToList())
            Show(display);
    }

    /// <summary><c>undisplay</c>.</summary>
    public void Delete(string rest)
    {
        if (rest.Length == 0)
        {
            if (console.Ask("Delete all auto-display expressions?"))
                _displays.Clear();
            return;
        }

        foreach (DisplayedExpression each in Several(rest))
            _displays.Remove(each);
    }

    /// <summary><c>enable display</c>, <c>disable display</c>.</summary>
    public void Enable(string rest, bool isEnabled)
    {
        foreach (DisplayedExpression each in rest.Length == 0 ? _displays : Several(rest))
            each.IsEnabled = isEnabled;
    }

    /// <summary><c>info display</c>.</summary>
    public void ShowTable()
    {
        if (_displays.Count == 0)
        {
            WriteLine("There are no auto-display expressions now.");
            return;
        }

        WriteLine("Auto-display expressions now in effect:\nNum Enb Expression");
        foreach (DisplayedExpression each in _displays)
            WriteLine(Figures.Invariant($"{each.Number}:   {(each.IsEnabled ? 'y' : 'n')}  {FormatOf(each)}{each.Expression}"));

        // Of memory with what was left out: how many, and of which size.
        static string FormatOf(DisplayedExpression display) => display.Format switch
        {
            "" => "",
            [.. var count, 'i' or 's'] when display.IsMemory => $"/{(count.Length > 0 ? count : "1")}b{display.Format[^1]} ",
            var format => $"/{format} ",
        };
    }

    private void Show(DisplayedExpression display)
    {
        string format = display.IsMemory ? $"x/{display.Format} " : display.Format.Length > 0 ? $"/{display.Format} " : "";
        string head = Figures.Invariant($"{display.Number}: {format}{display.Expression}");
        try
        {
            if (display.IsMemory)
            {
                DumpFormat dump = MemoryView.Read(display.Format, s_memoryFormat);
                ulong address = memory.AddressOf(display.Expression);
                WriteLine(head);
                memory.Dump(address, dump);
                return;
            }

            string text = session.Expressions.Text(
                session.Expressions.Evaluate(display.Expression), ValueCommands.Read(display.Format, session.Options));
            WriteLine($"{head} = {text}");
        }
        catch (ValueException e)
        {
            // What names nothing here is shown where it does; what cannot be read is told.
            if (e is not ExpressionException { Fault: ExpressionFault.UnknownName })
                WriteLine($"{head} = <error: {e.Message}>");
        }
    }

    private List<DisplayedExpression> Several(string rest) => [
        .. rest.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries).Select(word => _displays.Find(each => each.Number == Number(word))
            ?? throw new PromptException("Arguments must be display numbers."))];
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
