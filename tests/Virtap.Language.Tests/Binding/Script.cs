using Virtap.Language;
using Virtap.Language.Binding;
using Virtap.Language.Binding.Printing;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Diagnostics;
using Virtap.Language.Library;
using Virtap.Language.Syntax;
using Virtap.Language.Syntax.Preprocessing;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Tests.Binding;

/// <summary>Binds scripts for tests.</summary>
internal static class Script
{
    /// <summary>Binds a script that has no mistake.</summary>
    public static BoundProgram Bind(string text, FakeResolver? resolver = null, BindOptions? options = null)
    {
        (BoundProgram? program, DiagnosticBag diagnostics) = TryBind(text, resolver, options);
        Assert.DoesNotContain(diagnostics.Diagnostics, static diagnostic => diagnostic.Kind != DiagnosticKind.Warning);
        Assert.NotNull(program);
        return program;
    }

    /// <summary>Binds any script.</summary>
    public static (BoundProgram? Program, DiagnosticBag Diagnostics) TryBind(
        string text,
        FakeResolver? resolver = null,
        BindOptions? options = null,
        IReadOnlyList<string>? arguments = null,
        Action<string>? onLibraryFile = null)
    {
        var diagnostics = new DiagnosticBag();
        var environment = new LanguageEnvironment { IsGuru = options?.IsGuru ?? false, Arguments = arguments ?? [] };
        var script = ScriptParser.Parse(new SourceText("test.stp", text), environment, diagnostics);
        Assert.DoesNotContain(diagnostics.Diagnostics, static diagnostic => diagnostic.Kind == DiagnosticKind.Parse);
        ScriptLibrary library = Library(diagnostics, environment, onLibraryFile);
        // Tests look at small bodies, of which nothing may be left out.
        options = (options ?? new BindOptions()) with { KeepsUnused = true };
        return (ScriptBinder.Bind([script], library, resolver ?? new FakeResolver(), options, diagnostics), diagnostics);
    }

    /// <summary>The tapset, whose mistakes would be reported too.</summary>
    public static ScriptLibrary Library(
        DiagnosticBag diagnostics, LanguageEnvironment? environment = null, Action<string>? onFile = null) => new(source =>
    {
        onFile?.Invoke(source.Name);
        int before = diagnostics.ErrorCount;
        ScriptSyntax parsed = ScriptParser.Parse(source, (environment ?? new LanguageEnvironment()) with { IsLibrary = true }, diagnostics);
        return diagnostics.ErrorCount == before ? parsed : null;
    });

    /// <summary>Parses a library file that has no mistake.</summary>
    public static ScriptSyntax Parse(SourceText source)
    {
        var diagnostics = new DiagnosticBag();
        ScriptSyntax script = ScriptParser.Parse(source, new LanguageEnvironment { IsLibrary = true }, diagnostics);
        Assert.Empty(diagnostics.Diagnostics);
        return script;
    }

    /// <summary>The bodies of all probes of a script that has no mistake, printed.</summary>
    public static string Bodies(string text, FakeResolver? resolver = null) =>
        BoundProgramPrinter.Print(Bind(text, resolver), withBodies: true);

    /// <summary>All messages about a script: <c>line:column message</c>.</summary>
    public static string[] Messages(string text, FakeResolver? resolver = null, BindOptions? options = null) =>
        TryBind(text, resolver, options) is var (program, diagnostics)
            ? [.. diagnostics.Diagnostics.Concat(program?.Deferred ?? []).Select(Describe)] : [];

    private static string Describe(Diagnostic diagnostic)
    {
        (string message, SourceSpan? at) = (diagnostic.Message, diagnostic.Span);
        // What was being done is not what went wrong.
        if (message.StartsWith("while ", StringComparison.Ordinal))
            (message, at) = (diagnostic.Related![0].Text, diagnostic.Related[0].Span ?? at);
        string place = at is { } span ? $"{span.ToString()["test.stp:".Length..]} " : "";
        return (diagnostic.Kind == DiagnosticKind.Warning ? "WARNING: " : "") + place + message;
    }
}
