using System.Globalization;
using Virtap.Binaries.Dwarf;
using Virtap.Debugging.Frames;
using Virtap.Debugging.Locations;
using Virtap.Debugging.Printing;
using Virtap.Debugging.Syntax;
using Virtap.Debugging.Values;
using Virtap.Processes.Control;
using Virtap.Processes.Stacks;

namespace Virtap.Debugging.Sessions;

/// <summary>Breakpoints and watchpoints.</summary>
public sealed partial class DebugSession
{
    private const string LoaderFunction = "_dl_debug_state";

    private readonly List<Breakpoint> _breakpoints = [];
    private readonly HashSet<ulong> _inserted = [];
    private int _lastNumber;
    private ulong? _loader;

    /// <summary>Breakpoints and watchpoints, in the order of their numbers.</summary>
    public IReadOnlyList<Breakpoint> Breakpoints => _breakpoints;

    /// <summary>The file and the line that were last listed, which places are relative to without a frame.</summary>
    public SourceLine? Listed { get; set; }

    /// <summary>Finds places in the code.</summary>
    /// <exception cref="LocationException">There is none.</exception>
    /// <exception cref="ExpressionException">An address has no value.</exception>
    public IReadOnlyList<CodeLocation> Find(string location, bool skipsPrologue = true) =>
        Resolver().Find(location, Frame, Listed ?? MainLine(), skipsPrologue);

    /// <summary>The place at an address.</summary>
    public CodeLocation At(ulong address) => Resolver().At(address);

    /// <summary>Makes a breakpoint.</summary>
    /// <param name="location">Where.</param>
    /// <param name="isTemporary">Whether it goes when it has stopped the process once.</param>
    /// <param name="condition">What has to be true; null for nothing.</param>
    /// <param name="threadNumber">The thread that is meant; null for any.</param>
    /// <exception cref="LocationException">There is no such place, or it is another tracer's.</exception>
    /// <exception cref="ExpressionException">An address has no value, or the condition cannot be read.</exception>
    public Breakpoint Break(string location, bool isTemporary, string? condition = null, int? threadNumber = null)
    {
        IReadOnlyList<CodeLocation> locations = Find(location);
        if (Inferior is { IsAlive: true } inferior && locations.All(place => inferior.IsTaken(place.Address)))
        {
            throw new LocationException(string.Create(
                CultureInfo.InvariantCulture,
                $"Cannot insert a breakpoint at 0x{locations[0].Address:x}: a tracer's probe is there, which takes every hit."));
        }

        if (condition is not null)
            CheckCondition(condition, locations[0]);
        // A place that is relative to where the frame is now stays where it is.
        string text = location.Length == 0 || location[0] is '+' or '-' || location.All(char.IsAsciiDigit)
            ? string.Create(CultureInfo.InvariantCulture, $"*0x{locations[0].Address:x}") : location;
        if (locations[0].Line is { } line && text.StartsWith('*') && !location.StartsWith('*'))
            text = string.Create(CultureInfo.InvariantCulture, $"{line.Source.File}:{line.Source.Line}");
        var breakpoint = new Breakpoint
        {
            Number = ++_lastNumber, Text = text, IsTemporary = isTemporary, Condition = condition, ThreadNumber = threadNumber,
            Locations = locations,
        };
        _breakpoints.Add(breakpoint);
        InsertBreakpoints();
        return breakpoint;
    }

    /// <summary>Whether a condition can be evaluated at a place.</summary>
    /// <exception cref="ExpressionException">It cannot be read, or names what is not there.</exception>
    public void CheckCondition(string condition, CodeLocation location)
    {
        Evaluation.TargetScope scope = ScopeOf(new DebugFrame(0, StackFrame.At(location.Address), 0));
        ExpressionNode node = ExpressionParser.Parse(condition, scope);
        try
        {
            _ = new Evaluation.Evaluator(scope, []).TypeOf(node);
        }
        catch (ExpressionException e) when (e.Fault is not (ExpressionFault.UnknownName or ExpressionFault.UnknownMember))
        {
            // Without registers it has no value here; whether it has one, shows when a thread is there.
        }
    }

    /// <summary>Watches the value of an expression.</summary>
    /// <exception cref="ExpressionException">It cannot be read, or has no value.</exception>
    public Breakpoint Watch(string expression)
    {
        Value value = Expressions.Evaluate(expression);
        string text = Expressions.Text(value, Options);
        if (value.Address is null && value.Absence is null && !expression.Contains('$') && expression.All(static c => char.IsAsciiDigit(c)))
            throw new ExpressionException(default, "Cannot watch constant value `" + expression + "'.");
        bool isLocal = MentionsLocals(expression);
        var watch = new Breakpoint
        {
            Number = ++_lastNumber, Text = expression, IsWatch = true, Last = (value, text), Cfa = isLocal ? Frame!.Cfa : 0,
        };
        _breakpoints.Add(watch);
        return watch;
    }

    /// <summary>Whether an expression names variables of the frame that is looked at.</summary>
    public bool MentionsLocals(string expression) =>
        Frame is { } frame && frame.Variables().Any(variable => Mentions(expression, variable.Name));

    /// <summary>Deletes a breakpoint.</summary>
    public void Delete(Breakpoint breakpoint)
    {
        _breakpoints.Remove(breakpoint);
        InsertBreakpoints();
    }

    /// <summary>Turns a breakpoint on or off.</summary>
    public void Enable(Breakpoint breakpoint, bool isEnabled)
    {
        breakpoint.IsEnabled = isEnabled;
        InsertBreakpoints();
    }

    private static bool Mentions(string expression, string name)
    {
        for (int at = expression.IndexOf(name, StringComparison.Ordinal); at >= 0;
            at = expression.IndexOf(name, at + 1, StringComparison.Ordinal))
        {
            int end = at + name.Length;
            bool isWord = (at == 0 || !IsName(expression[at - 1])) && (end == expression.Length || !IsName(expression[end]));
            if (isWord)
                return true;
        }

        return false;

        static bool IsName(char c) => char.IsLetterOrDigit(c) || c == '_';
    }

    private LocationResolver Resolver() => new(
        Target, text => (ulong)(Numbers.Read(Expressions.Evaluate($"(unsigned long) ({text})")) & ulong.MaxValue));

    private SourceLine? MainLine() => Target.Program.Debug is { } debug
        && debug.FindFunctions(new Names.Glob("main")).FirstOrDefault(static function => function.HasCode) is { } main
        ? new SourceLine(main.File, main.Line) : null;

    /// <summary>Finds the places anew, in a process that has loaded code; what cannot be found stays for later.</summary>
    private void Resolve()
    {
        foreach (Breakpoint breakpoint in _breakpoints.Where(static each => !each.IsWatch))
        {
            try
            {
                breakpoint.Locations = Resolver().Find(breakpoint.Text, null, Listed ?? MainLine());
            }
            catch (Exception e) when (e is LocationException or ExpressionException)
            {
                breakpoint.Locations = [];
            }
        }

        InsertBreakpoints();
    }

    /// <summary>Puts breakpoints where they belong now, and takes out those that belong nowhere.</summary>
    private void InsertBreakpoints()
    {
        if (Inferior is not { IsAlive: true } inferior)
            return;
        _loader ??= FindLoader();
        HashSet<ulong> wanted = [
            .. _breakpoints.Where(static each => each is { IsEnabled: true, IsWatch: false })
                .SelectMany(static each => each.Locations).Select(static location => location.Address)];
        if (_loader is ulong loader)
            wanted.Add(loader);
        foreach (ulong address in _inserted.Except(wanted).ToList())
        {
            inferior.Remove(address);
            _inserted.Remove(address);
        }

        foreach (ulong address in wanted.Except(_inserted).ToList())
        {
            if (inferior.Insert(address))
                _inserted.Add(address);
        }
    }

    /// <summary>Where the dynamic linker tells debuggers that it has loaded something.</summary>
    private ulong? FindLoader()
    {
        foreach (Targets.LoadedImage image in Target.Images().Skip(1))
        {
            if (Path.GetFileName(image.Name).StartsWith("ld-", StringComparison.Ordinal) && image.FindSymbol(LoaderFunction) is { } symbol)
                return symbol.Address + image.Bias;
        }

        return null;
    }

    /// <summary>
    /// What breakpoints at a place stop a thread: those whose conditions hold and that are not to be ignored.
    /// </summary>
    private (Breakpoint? Breakpoint, string? Error) Hit(TracedThread thread, ulong address)
    {
        Breakpoint? first = null;
        string? error = null;
        foreach (Breakpoint each in _breakpoints)
        {
            if (each is not { IsEnabled: true, IsWatch: false } || each.Locations.All(location => location.Address != address))
                continue;
            if (each.ThreadNumber is int only && only != thread.Number)
                continue;
            if (each.Condition is { } condition && !Holds(condition, thread, out error))
                continue;
            each.Hits++;
            if (each.IgnoreCount > 0)
                each.IgnoreCount--;
            else
                first ??= each;
        }

        return (first, error);
    }

    private bool Holds(string condition, TracedThread thread, out string? error)
    {
        error = null;
        Evaluation.TargetScope scope = ScopeOf(new DebugFrame(0, StackFrame.Innermost(thread.Registers), 0));
        try
        {
            Value value = new Evaluation.Evaluator(scope, []).Evaluate(ExpressionParser.Parse(condition, scope));
            return !Numbers.Read(value).IsZero;
        }
        catch (ValueException e)
        {
            // As gdb: who cannot tell, stops.
            error = e.Message;
            return true;
        }
    }
}
