using Virtap.Language;
using Virtap.Language.Binding.Targets;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Diagnostics;
using Virtap.Language.Syntax;
using Virtap.Language.Syntax.Tree;
using Virtap.Tracing.Compilation;

namespace Virtap.Cli.LanguageServer;

/// <summary>What passes 1 and 2 know of a document.</summary>
internal sealed class ScriptAnalysis
{
    private readonly Func<DiagnosticBag, ScriptCompiler> _newCompiler;
    private readonly SourceText _source;

    /// <summary>Compiles a document; nothing is run and no process is touched.</summary>
    public ScriptAnalysis(ScriptDocument document, Func<DiagnosticBag, ScriptCompiler> newCompiler)
    {
        (_newCompiler, _source) = (newCompiler, document.Source);
        Mistakes = new DiagnosticBag();
        ScriptCompiler compiler = newCompiler(Mistakes);
        // Of what does not parse, the declarations that do are still good for names.
        Script = ScriptParser.Parse(_source, compiler.Environment, Mistakes);
        Program = Mistakes.HasErrors ? null : compiler.Bind([Script]);
    }

    /// <summary>What is wrong with it.</summary>
    public DiagnosticBag Mistakes { get; }

    /// <summary>Its declarations.</summary>
    public ScriptSyntax Script { get; }

    /// <summary>Its meaning; null where something is wrong with it.</summary>
    public BoundProgram? Program { get; }

    /// <summary>What the probe around a place stands for; empty outside of probes, and where a probe point cannot be found.</summary>
    public IReadOnlyList<ProbeTarget> TargetsAround(int offset)
    {
        foreach (DeclarationSyntax declaration in Script.Declarations)
        {
            (IReadOnlyList<ProbePointSyntax> points, BlockSyntax? body) = declaration switch
            {
                ProbeSyntax probe => (probe.Points, probe.Body),
                AliasSyntax alias => (alias.Points, alias.Prologue ?? alias.Epilogue),
                _ => ([], null),
            };
            if (body is not null && body.Span.Start <= offset && offset <= body.Span.Start + body.Span.Length)
                return Resolve(string.Join(", ", points.Select(static point => ScriptPrinter.Print(point))));
        }

        return [];
    }

    /// <summary>What a probe point stands for, by way of the document's aliases and the library's.</summary>
    public IReadOnlyList<ProbeTarget> Resolve(string point)
    {
        ScriptCompiler compiler = _newCompiler(new DiagnosticBag());
        var text = new SourceText("<point>", $"probe {point} {{}}");
        ScriptSyntax probe = ScriptParser.Parse(text, compiler.Environment, compiler.Diagnostics);
        ScriptSyntax aliases = Script with { Declarations = [.. Script.Declarations.Where(static each => each is not ProbeSyntax)] };
        return compiler.Diagnostics.HasErrors ? []
            : compiler.Bind([probe, aliases])?.Probes.SelectMany(static each => each.Targets).ToList() ?? [];
    }

    /// <summary>The messages about the document, for its editor.</summary>
    public IReadOnlyList<ScriptMessage> MessagesFor(ScriptDocument document) =>
        [.. Mistakes.Diagnostics.Select(mistake => MessageOf(mistake, document))];

    private ScriptMessage MessageOf(Diagnostic mistake, ScriptDocument document)
    {
        IEnumerable<string> lines = [mistake.Message, .. (mistake.Related ?? []).Select(static each => each.Text)];
        string text = string.Join('\n', mistake.Hint is { } hint ? lines.Append($"hint: {hint}") : lines);
        SourceSpan? own = IsOwn(mistake.Span) ? mistake.Span
            : mistake.Related?.Where(each => IsOwn(each.Span)).Select(static each => (SourceSpan?)each.Span).FirstOrDefault();
        if (mistake.Span is { } elsewhere && !IsOwn(elsewhere))
            text = $"{elsewhere}: {text}";
        TextRange range = own is { } span
            ? document.RangeOf(span.Start, Math.Max(span.TokenLength, 1)) : new TextRange(new Position(0, 0), new Position(0, 0));
        return new ScriptMessage(range, mistake.Kind == DiagnosticKind.Warning ? 2 : 1, "virtap", text);
    }

    private bool IsOwn(SourceSpan? span) => span is { } place && ReferenceEquals(place.Source, _source);
}
