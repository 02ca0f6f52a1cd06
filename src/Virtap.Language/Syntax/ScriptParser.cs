using Virtap.Language.Diagnostics;
using Virtap.Language.Lexing;
using Virtap.Language.Syntax.Parsing;
using Virtap.Language.Syntax.Preprocessing;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Syntax;

/// <summary>The way from a script's text to its tree: pass 1.</summary>
public static class ScriptParser
{
    /// <summary>Parses a script.</summary>
    /// <param name="source">Its text.</param>
    /// <param name="environment">What it may ask about.</param>
    /// <param name="diagnostics">Takes what is wrong with it.</param>
    /// <returns>The declarations that could be read; with errors in <paramref name="diagnostics"/> some are missing.</returns>
    public static ScriptSyntax Parse(SourceText source, LanguageEnvironment environment, DiagnosticBag diagnostics)
    {
        var tokens = Preprocessor.Run(source, environment);
        if (tokens.Count == 1 && !environment.IsLibrary)
        {
            bool wasEmpty = new Lexer(source, null).Next().Kind == TokenKind.EndOfFile;
            diagnostics.Add(
                new Diagnostic(
                    DiagnosticKind.Parse, $"Input file '{source.Name}' is empty{(wasEmpty ? "" : " after preprocessing")}.", null));
        }
        return new Parser(source, tokens, environment, diagnostics).ParseScript();
    }
}
