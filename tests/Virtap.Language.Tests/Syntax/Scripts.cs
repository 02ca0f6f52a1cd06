using Virtap.Language.Diagnostics;
using Virtap.Language.Syntax;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Tests.Syntax;

/// <summary>Short ways to parse, for tests.</summary>
internal static class Scripts
{
    public static readonly LanguageEnvironment Guru = new() { IsGuru = true };

    /// <summary>Parses what has to be right.</summary>
    public static ScriptSyntax Parse(string text, LanguageEnvironment? environment = null)
    {
        var diagnostics = new DiagnosticBag();
        var script = ScriptParser.Parse(new SourceText("<input>", text), environment ?? Guru, diagnostics);
        Assert.True(!diagnostics.HasErrors, new DiagnosticRenderer().Render(diagnostics));
        return script;
    }

    /// <summary>What is said about a script.</summary>
    public static string Errors(string text, LanguageEnvironment? environment = null)
    {
        var diagnostics = new DiagnosticBag();
        ScriptParser.Parse(new SourceText("<input>", text), environment ?? Guru, diagnostics);
        return new DiagnosticRenderer().Render(diagnostics);
    }

    /// <summary>Parses a handler's statements and prints them.</summary>
    public static string Statements(string text, params string[] arguments)
    {
        var script = Parse($"function f() {{ {text} }}", Guru with { Arguments = arguments });
        var body = (BlockSyntax)((FunctionSyntax)script.Declarations[0]).Body;
        return string.Concat(body.Statements.Select(ScriptPrinter.Print)).TrimEnd('\n');
    }

    /// <summary>Prints and parses again; what comes out must print the same.</summary>
    public static void AssertRoundTrip(ScriptSyntax script)
    {
        string printed = ScriptPrinter.Print(script);
        var again = Parse(printed);
        Assert.Equal(printed, ScriptPrinter.Print(again));
    }
}
