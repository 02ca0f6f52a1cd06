using Virtap.Language.Binding;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Diagnostics;
using Virtap.Language.Library;
using Virtap.Language.Syntax;
using Virtap.Tracing.Lowering;
using Virtap.Tracing.Lowering.Tree;

namespace Virtap.Tracing.Tests.Lowering;

/// <summary>The way from a script's text to its lowered program.</summary>
internal static class Scripts
{
    public static LoweringOptions Options { get; } = new() { KindOf = ScriptTargets.KindOf, CpuCount = Math.Min(Environment.ProcessorCount, 64) };

    public static LoweredProgram Lower(string script, LoweringOptions? options = null)
    {
        LoweredProgram? program = TryLower(script, options ?? Options, out string messages);
        Assert.True(program is not null, messages);
        return program;
    }

    /// <summary>The messages of a script that is refused.</summary>
    public static string Refuse(string script, LoweringOptions? options = null)
    {
        Assert.Null(TryLower(script, options ?? Options, out string messages));
        return messages;
    }

    private static LoweredProgram? TryLower(string script, LoweringOptions options, out string messages)
    {
        var diagnostics = new DiagnosticBag();
        var source = new SourceText("spec", script);
        BoundProgram? bound = null;
        var environment = new LanguageEnvironment();
        var library = new ScriptLibrary(file => ScriptParser.Parse(file, environment with { IsLibrary = true }, diagnostics));
        var syntax = ScriptParser.Parse(source, environment, diagnostics);
        if (!diagnostics.HasErrors)
            bound = ScriptBinder.Bind([syntax], library, new ScriptTargets(), new BindOptions(), diagnostics);
        LoweredProgram? program = bound is null ? null : Lowerer.Lower(bound, options, diagnostics);
        messages = string.Join('\n', diagnostics.Diagnostics.Select(each => $"{each.Message} at {each.Span}{(each.Hint is null ? "" : $" ({each.Hint})")}"));
        return program;
    }
}
