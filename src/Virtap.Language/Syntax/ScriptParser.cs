using Virtap.Language.Diagnostics;
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
    public static ScriptSyntax Parse(SourceText source, LanguageEnvironment environment, DiagnosticBag diagnostics) =>
        new Parser(source, Preprocessor.Run(source, environment), environment, diagnostics).ParseScript();
}
