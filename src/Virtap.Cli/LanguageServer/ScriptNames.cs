using Virtap.Language;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Library;
using Virtap.Language.Syntax;
using Virtap.Language.Syntax.Tree;
using Virtap.Tracing.Probes;

namespace Virtap.Cli.LanguageServer;

/// <summary>A name of a script and what it is.</summary>
/// <param name="Name">The name.</param>
/// <param name="Kind">The protocol's number for completions of such names.</param>
/// <param name="Detail">What it is, as one would declare it.</param>
/// <param name="Span">Where it is declared; null for what is not of the document.</param>
internal sealed record ScriptName(string Name, int Kind, string Detail, SourceSpan? Span = null)
{
    public const int OfFunction = 3, OfVariable = 6, OfProbe = 23, OfOperator = 24, OfKeyword = 14, OfTarget = 5, OfMacro = 15;
}

/// <summary>The names that can be used in a document.</summary>
internal static class ScriptNames
{
    /// <summary>What the document declares for all of itself.</summary>
    public static IEnumerable<ScriptName> Declared(ScriptAnalysis analysis)
    {
        foreach (DeclarationSyntax declaration in analysis.Script.Declarations)
        {
            switch (declaration)
            {
                case GlobalSyntax globals:
                    foreach (GlobalDeclaratorSyntax each in globals.Declarators)
                        yield return new ScriptName(each.Name, ScriptName.OfVariable, Describe(each, analysis.Program), each.Span);
                    break;
                case FunctionSyntax function:
                    yield return new ScriptName(
                        function.Name, ScriptName.OfFunction, "function " + ScriptPrinter.Signature(function), Find(function));
                    break;
                case AliasSyntax alias:
                    yield return new ScriptName(
                        ScriptPrinter.Print(alias.Names[0]), ScriptName.OfProbe, "probe " + ScriptPrinter.Signature(alias),
                        alias.Names[0].Span);
                    break;
            }
        }
    }

    /// <summary>
    /// The locals and parameters of the probe or function around a place, each where it is first named; their types where the script is
    /// right. The name that is being written at the place is none yet.
    /// </summary>
    public static IEnumerable<ScriptName> Locals(ScriptAnalysis analysis, int offset)
    {
        if (analysis.Script.Declarations.LastOrDefault(each => each.Span.Start <= offset) is not { } around)
            return [];
        List<(string Name, SourceSpan Span)> named = [];
        if (around is FunctionSyntax function)
            named.AddRange(function.Parameters.Select(static each => (each.Name, each.Span)));
        foreach (StatementSyntax? body in BodiesOf(around))
        {
            SyntaxWalk.Any(body, node =>
            {
                if (node is NameSyntax name)
                    named.Add((name.Name, name.Span));
                return false;
            });
        }

        HashSet<string> globals = [.. Declared(analysis).Select(static each => each.Name)];
        return named
            .Where(each => !globals.Contains(each.Name) && each.Span.Start + each.Name.Length != offset)
            .OrderBy(static each => each.Span.Start)
            .DistinctBy(static each => each.Name)
            .Select(each => new ScriptName(
                each.Name, ScriptName.OfVariable, "local " + each.Name + ScriptPrinter.Annotation(TypeOf(each.Name, around, analysis)),
                each.Span));
    }

    /// <summary>The functions of the library, by their signatures.</summary>
    public static IReadOnlyList<ScriptName> Functions(ScriptLibrary library) =>
    [
        .. LibrarySignatures.Functions(library).Select(static signature => new ScriptName(
            signature[..signature.AsSpan().IndexOfAny(':', ' ')], ScriptName.OfFunction, "function " + signature)),
    ];

    /// <summary>The aliases of the library.</summary>
    public static IReadOnlyList<ScriptName> Aliases(ScriptLibrary library) =>
    [
        .. LibrarySignatures.Aliases(library).Select(static signature => new ScriptName(
            signature.Split(" = ", 2)[0].Split(" += ", 2)[0], ScriptName.OfProbe, "probe " + signature)),
    ];

    /// <summary>The variables of the target, <c>$name</c> each, where a place lies in a probe.</summary>
    public static IEnumerable<ScriptName> OfTarget(ScriptAnalysis analysis, int offset) =>
        ProbeListing.Lines(analysis.TargetsAround(offset), withVariables: true)
            .SelectMany(static line => line.Split(" $").Skip(1))
            .Select(static variable => "$" + variable)
            .DistinctBy(static variable => variable.Split(':')[0])
            .Select(static variable => new ScriptName(variable.Split(':')[0], ScriptName.OfTarget, variable));

    private static IEnumerable<StatementSyntax?> BodiesOf(DeclarationSyntax declaration) => declaration switch
    {
        ProbeSyntax probe => [probe.Body],
        FunctionSyntax function => [function.Body],
        AliasSyntax alias => [alias.Prologue, alias.Epilogue],
        _ => [],
    };

    private static ScriptType TypeOf(string name, DeclarationSyntax around, ScriptAnalysis analysis)
    {
        if (analysis.Program is not { } program)
            return ScriptType.Unknown;
        int end = around.Span.Start + around.Span.Length;
        return program.Probes.SelectMany(static probe => probe.Locals)
            .Concat(program.Functions.SelectMany(static function => function.Parameters.Concat(function.Locals)))
            .FirstOrDefault(local => local.Name == name && ReferenceEquals(local.Span.Source, analysis.Script.Source)
                && local.Span.Start >= around.Span.Start && local.Span.Start < end)?.Type ?? ScriptType.Unknown;
    }

    private static string Describe(GlobalDeclaratorSyntax declared, BoundProgram? program)
    {
        GlobalSymbol? bound = program?.Globals.FirstOrDefault(global => global.Name == declared.Name);
        string type = ScriptPrinter.Annotation(bound?.Type ?? ScriptType.Unknown);
        return $"global {declared.Name}{(bound is { IsArray: true } ? "[]" : "")}{type}";
    }

    // A function's span begins at its first keyword.
    private static SourceSpan Find(FunctionSyntax function)
    {
        int after = function.Span.Source.Text.IndexOf("function", function.Span.Start, StringComparison.Ordinal) + "function".Length;
        int at = function.Span.Source.Text.IndexOf(function.Name, after, StringComparison.Ordinal);
        return at < 0 ? function.Span : new SourceSpan(function.Span.Source, at, function.Name.Length);
    }
}
