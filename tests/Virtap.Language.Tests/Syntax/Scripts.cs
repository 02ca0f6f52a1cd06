using Virtap.Language.Diagnostics;
using Virtap.Language.Syntax;
using Virtap.Language.Syntax.Preprocessing;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Tests.Syntax;

/// <summary>Short ways to parse, for tests.</summary>
internal static class Scripts
{
    /// <summary>The surroundings that the cases are written for; a library's file may hold embedded code, and nothing.</summary>
    public static readonly LanguageEnvironment Environment = new()
    {
        IsLibrary = true,
        IsGuru = true,
        KernelRelease = "6.1.0-1-amd64",
        KernelConfiguration = static name => name switch { "CONFIG_SMP" => "y", "CONFIG_HZ" => "250", "CONFIG_BASE" => "0x100", _ => null },
    };

    public static ScriptSyntax Parse(string text, DiagnosticBag diagnostics, LanguageEnvironment? environment = null) =>
        ScriptParser.Parse(new SourceText("<input>", text), environment ?? Environment, diagnostics);

    /// <summary>Parses what has to be right.</summary>
    public static ScriptSyntax Parse(string text, LanguageEnvironment? environment = null)
    {
        var diagnostics = new DiagnosticBag();
        var script = Parse(text, diagnostics, environment);
        Assert.True(!diagnostics.HasErrors, new DiagnosticRenderer().Render(diagnostics));
        return script;
    }

    /// <summary>Parses a function's statements.</summary>
    public static IReadOnlyList<StatementSyntax> Statements(string text, LanguageEnvironment? environment = null) =>
        ((BlockSyntax)((FunctionSyntax)Parse($"function f() {{ {text} }}", environment).Declarations[0]).Body).Statements;

    /// <summary>Parses an expression.</summary>
    public static ExpressionSyntax Expression(string text) => ((ExpressionStatementSyntax)Statements(text)[0]).Expression;

    /// <summary>What is said about a script, a line for each mistake: place, message, token, hint.</summary>
    public static string Mistakes(string text, LanguageEnvironment? environment = null)
    {
        var diagnostics = new DiagnosticBag();
        Parse(text, diagnostics, environment);
        return string.Join('\n', diagnostics.Diagnostics.Select(d =>
        {
            if (d.Span is null)
                return d.Message;
            var (line, column) = d.Span!.Value.Source.Position(d.Span.Value.Start);
            string place = d.Subject!.EndsWith(" EOF", StringComparison.Ordinal) ? "end" : $"{line}:{column}";
            string message = string.Join(' ', d.Message.Split('\n', StringSplitOptions.TrimEntries));
            return $"{place}: {message} | {(d.IsUnexpected ? "saw" : "at")} {d.Subject}{(d.Hint is null ? "" : $" | hint {d.Hint}")}";
        }));
    }

    /// <summary>Prints and parses again; what comes out prints the same.</summary>
    public static void AssertRoundTrip(ScriptSyntax script)
    {
        string printed = ScriptPrinter.Print(script);
        var again = Parse(printed);
        Assert.Equal(printed, ScriptPrinter.Print(again));
    }
}
