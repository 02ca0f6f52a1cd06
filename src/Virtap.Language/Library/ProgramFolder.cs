using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Library;

/// <summary>
/// The rule of a tapset's <c>PATH/</c> (stapprobes(3stap), "PROCESS"): a file of <c>PATH/usr/bin</c> that says <c>process("foo")</c> means
/// <c>/usr/bin/foo</c>, wherever else there may be a foo.
/// </summary>
public static class ProgramFolder
{
    /// <summary>The file with whole paths in place of names.</summary>
    /// <param name="script">A file under PATH/.</param>
    /// <param name="folder">Its place below PATH/, from the root on.</param>
    /// <param name="exists">Whether there is a file; a name that is none in the folder stays as it is.</param>
    public static ScriptSyntax Apply(ScriptSyntax script, string folder, Predicate<string> exists)
    {
        return script with { Declarations = [.. script.Declarations.Select(Declaration)] };

        DeclarationSyntax Declaration(DeclarationSyntax declaration) => declaration switch
        {
            ProbeSyntax probe => probe with { Points = [.. probe.Points.Select(Point)] },
            AliasSyntax alias => alias with { Points = [.. alias.Points.Select(Point)] },
            _ => declaration,
        };

        ProbePointSyntax Point(ProbePointSyntax point) => point with { Components = [.. point.Components.Select(Component)] };

        ProbeComponentSyntax Component(ProbeComponentSyntax component) =>
            component is { Name: "process", Argument: StringSyntax { Value: [not '/', ..] name } text }
                && $"{folder}/{name}" is var path && exists(path)
                ? component with { Argument = text with { Value = path } } : component;
    }
}
