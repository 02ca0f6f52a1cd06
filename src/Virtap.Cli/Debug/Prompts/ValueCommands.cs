using Virtap.Cli.Rendering;
using Virtap.Debugging;
using Virtap.Debugging.Printing;
using Virtap.Debugging.Sessions;
using static Virtap.Cli.Debug.Prompts.CommandArguments;
using static Virtap.Cli.Debug.Prompts.PromptOutput;

namespace Virtap.Cli.Debug.Prompts;

/// <summary>Values and types: <c>print</c> and its like.</summary>
internal sealed class ValueCommands(DebugSession session)
{
    private readonly PrintfText _printf = new(session);

    /// <summary>How values are printed that are asked for with a format.</summary>
    /// <param name="format">The letter behind the slash; empty for none.</param>
    /// <param name="options">How they are printed otherwise.</param>
    /// <exception cref="PromptException">It means nothing.</exception>
    public static PrintOptions Read(string format, PrintOptions options) => format.Length == 0 ? options
        : format is [var letter] && PrintOptions.Formats.Contains(letter, StringComparison.Ordinal) ? options with { Format = letter }
        : throw new PromptException($"Undefined output format \"{format}\".");

    /// <summary><c>print</c>.</summary>
    public void Print(string rest)
    {
        (string format, string expression) = SplitFormat(rest);
        PrintOptions options = Read(format, session.Options);
        PrintedValue printed = session.Expressions.Print(expression.Length > 0 ? expression : "$", options);
        WriteLine(Figures.Invariant($"${printed.Number} = {printed.Text}"));
    }

    /// <summary><c>output</c>: as print, without number and newline.</summary>
    public void Output(string rest)
    {
        (string format, string expression) = SplitFormat(rest);
        PrintOptions options = Read(format, session.Options);
        WriteText(session.Expressions.Text(session.Expressions.Evaluate(Given(expression)), options));
    }

    /// <summary><c>printf</c>.</summary>
    public void Printf(string rest) => WriteText(_printf.Of(rest));

    /// <summary><c>echo</c>.</summary>
    public static void Echo(string rest) => WriteText(PrintfText.Unescape(rest));

    /// <summary><c>ptype</c>, with <c>/o</c> and the places of members.</summary>
    public void Define(string rest)
    {
        bool withOffsets = rest.StartsWith("/o", StringComparison.Ordinal);
        WriteLine(session.Expressions.Define(Given(withOffsets ? rest[2..].Trim() : rest), withOffsets));
    }

    /// <summary><c>whatis</c>.</summary>
    public void WhatIs(string rest) => WriteLine($"type = {session.Expressions.WhatIs(Given(rest))}");
}
