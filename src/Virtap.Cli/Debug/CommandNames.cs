namespace Virtap.Cli.Debug;

/// <summary>The commands of the prompt, and what they may be shortened to.</summary>
internal static class CommandNames
{
    /// <summary>Commands with what the help says of them; the order is the help's.</summary>
    public static IReadOnlyList<(string Name, string Help)> All { get; } =
    [
        ("break", "PLACE [thread N] [if COND]: stop there; PLACE is FUNCTION, FILE:LINE, LINE, +N, *ADDRESS"),
        ("tbreak", "as break, once"),
        ("watch", "EXPR: stop when its value changes; the process is stepped for it, which is slow"),
        ("condition", "N COND: breakpoint N stops only where COND is true; without COND always"),
        ("ignore", "N COUNT: the next COUNT hits of breakpoint N do not stop"),
        ("commands", "[N]: what is done when breakpoint N stops the process, up to a line with end"),
        ("delete", "[N...]: breakpoints, all without a number; delete display N"),
        ("clear", "PLACE: delete the breakpoints there"),
        ("enable", "[N...]: breakpoints; enable display N"),
        ("disable", "[N...]: breakpoints; disable display N"),
        ("run", "[ARGS]: start the program"),
        ("start", "as run, to main"),
        ("continue", "[COUNT]: go on; with COUNT the breakpoint it is at is ignored COUNT-1 times"),
        ("next", "[COUNT]: to the next line, over calls"),
        ("step", "[COUNT]: to the next line, into calls"),
        ("nexti", "[COUNT]: one instruction, over calls"),
        ("stepi", "[COUNT]: one instruction"),
        ("finish", "until this frame returns; prints what it returned"),
        ("until", "[PLACE]: to a line behind this one, or to PLACE"),
        ("advance", "PLACE: to PLACE, or until this frame returns"),
        ("print", "[/FMT] EXPR"),
        ("output", "[/FMT] EXPR: as print, without number and newline"),
        ("printf", "\"FORMAT\", EXPR...: as in C"),
        ("echo", "TEXT"),
        ("display", "[/FMT] [EXPR]: print it at each stop"),
        ("undisplay", "[N...]"),
        ("x", "/FMT ADDRESS: memory; FMT is a count, one of xduotacfsiz, one of bhwg"),
        ("ptype", "[/o] TYPE or EXPR"),
        ("whatis", "TYPE or EXPR"),
        ("list", "[PLACE], FIRST,LAST, -: source lines"),
        ("disassemble", "[/r] [ADDRESS[,END]]: machine code of a function"),
        ("backtrace", "[full] [N|-N]: the calls; bt, where"),
        ("frame", "[N]"),
        ("up", "[N]"),
        ("down", "[N]"),
        ("thread", "[N], apply N...|all COMMAND"),
        ("info", "args, breakpoints, display, frame, line, locals, registers, sharedlibrary, signals, source, symbol, threads"),
        ("handle", "SIGNAL [no]stop [no]print [no]pass"),
        ("signal", "SIGNAL: go on with this signal; 0 for none"),
        ("set", "print SETTING VALUE, listsize N; variables of the target are not written"),
        ("show", "print SETTING"),
        ("source", "FILE: run commands from it"),
        ("detach", "let the process go on, without breakpoints"),
        ("kill", "end the process"),
        ("quit", "end the debugger; a process that was attached to goes on"),
        ("help", "[COMMAND]"),
    ];

    private static readonly Dictionary<string, string> s_short = new()
    {
        ["b"] = "break", ["br"] = "break", ["brea"] = "break", ["tb"] = "tbreak", ["c"] = "continue", ["fg"] = "continue", ["n"] = "next",
        ["s"] = "step", ["ni"] = "nexti", ["si"] = "stepi", ["fin"] = "finish", ["u"] = "until", ["p"] = "print", ["inspect"] = "print",
        ["l"] = "list", ["i"] = "info", ["inf"] = "info", ["bt"] = "backtrace", ["where"] = "backtrace", ["f"] = "frame",
        ["d"] = "delete", ["dis"] = "disable", ["disa"] = "disable", ["e"] = "echo", ["en"] = "enable", ["h"] = "help", ["k"] = "kill",
        ["q"] = "quit", ["exit"] = "quit", ["r"] = "run", ["t"] = "thread", ["cont"] = "continue", ["unt"] = "until", ["dow"] = "down",
    };

    /// <summary>The commands that a word may mean: one, none or several.</summary>
    public static IReadOnlyList<string> Find(string word)
    {
        if (s_short.TryGetValue(word, out string? name))
            return [name];
        if (All.Any(each => each.Name == word))
            return [word];
        return [.. All.Select(static each => each.Name).Where(each => each.StartsWith(word, StringComparison.Ordinal))];
    }
}
