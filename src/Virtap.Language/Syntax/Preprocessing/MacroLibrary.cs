using Virtap.Language.Diagnostics;
using Virtap.Language.Lexing;

namespace Virtap.Language.Syntax.Preprocessing;

/// <summary>The macros of a library's *.stpm files, which every script may use.</summary>
public sealed class MacroLibrary
{
    private readonly Dictionary<string, Macro> _macros = [];
    private MacroLibrary? _own;
    private MacroLibrary? _installed;

    /// <summary>
    /// Reads the macros of our own tapset when one is asked for that this library does not have; they are asked before those that others
    /// have installed. Null for none.
    /// </summary>
    public Func<MacroLibrary>? ReadOwn { get; init; }

    /// <summary>
    /// Reads the library that is asked for the macros which this one does not have, when the first of them is used; null for none.
    /// </summary>
    public Func<MacroLibrary>? ReadInstalled { get; init; }

    /// <summary>A library without macros.</summary>
    public static MacroLibrary Empty { get; } = new();

    /// <summary>Adds the definitions of a file. It holds nothing else but conditions around them, which are decided first.</summary>
    /// <param name="source">The file.</param>
    /// <param name="environment">What its conditions ask about.</param>
    /// <param name="diagnostics">Takes what is wrong with it.</param>
    public void Add(SourceText source, LanguageEnvironment environment, DiagnosticBag diagnostics)
    {
        if (ReferenceEquals(this, Empty))
            throw new InvalidOperationException("the empty library takes no macros");

        var lexer = new Lexer(source, environment.Arguments);
        var conditions = new ConditionReader(lexer.Next, lexer.Next, environment);
        while (true)
        {
            var token = conditions.Next();
            if (token.Kind == TokenKind.EndOfFile)
                return;
            if (token is not { Kind: TokenKind.AtName, Text: MacroReader.Define })
            {
                Report(token.AsMistake("unexpected token in tapset macro file (only @define is allowed)"), diagnostics);
                return;
            }
            var macro = MacroReader.Read(lexer.Next, out var at, out var error);
            if (macro is null)
            {
                Report(at.AsMistake(error!.Message), diagnostics);
                return;
            }
            if (!_macros.TryAdd(macro.Name, macro))
            {
                diagnostics.Add(new Diagnostic(
                    DiagnosticKind.Parse,
                    $"multiple definitions of library macro '@{macro.Name}'",
                    macro.Span,
                    Related: [("also found here", _macros[macro.Name].Span)]));
            }
        }
    }

    internal Macro? Find(string name)
    {
        if (_macros.TryGetValue(name, out Macro? macro) || AtOperatorNames.All.Contains(name))
            return macro;
        _own ??= ReadOwn?.Invoke();
        if (_own?.Find(name) is { } own)
            return own;
        _installed ??= ReadInstalled?.Invoke();
        return _installed?.Find(name);
    }

    private static void Report(Token mistake, DiagnosticBag diagnostics) =>
        diagnostics.Add(
            new Diagnostic(
                DiagnosticKind.Parse, mistake.Error!.Message, mistake.Span, mistake.Error.Hint) { Subject = mistake.Describe() });
}
