using Virtap.Language;
using Virtap.Language.Diagnostics;
using Virtap.Language.Syntax;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Cli.Run;

/// <summary>A script that is put together declaration by declaration. What is in it has been parsed.</summary>
/// <param name="parse">Parses a text.</param>
internal sealed class InteractiveScript(Func<SourceText, DiagnosticBag, ScriptSyntax> parse)
{
    private readonly List<string> _declarations = [];

    /// <summary>Its declarations as they were written, with the comments behind them.</summary>
    public IReadOnlyList<string> Declarations => _declarations;

    /// <summary>All of it.</summary>
    public string Text => string.Concat(_declarations.Select(static each => each + "\n"));

    /// <summary>Adds declarations.</summary>
    /// <param name="text">The text.</param>
    /// <param name="mistakes">What is wrong with it.</param>
    /// <param name="isUnfinished">Whether what is wrong is that it ends too early.</param>
    /// <returns>False where it has mistakes: then the script stays as it was.</returns>
    public bool TryAdd(string text, out DiagnosticBag mistakes, out bool isUnfinished)
    {
        mistakes = new DiagnosticBag();
        var source = new SourceText("<input>", text);
        ScriptSyntax script = parse(source, mistakes);
        isUnfinished = mistakes.Diagnostics is [{ Span.Start: var start }, ..] && start >= text.TrimEnd().Length;
        if (mistakes.HasErrors)
            return false;
        _declarations.AddRange(Split(script));
        return true;
    }

    /// <summary>Puts a text in the script's place.</summary>
    /// <returns>False where it has mistakes: then the script stays as it was.</returns>
    public bool TryReplace(SourceText source, out DiagnosticBag mistakes)
    {
        mistakes = new DiagnosticBag();
        ScriptSyntax script = parse(source, mistakes);
        if (mistakes.HasErrors)
            return false;
        _declarations.Clear();
        _declarations.AddRange(Split(script));
        return true;
    }

    /// <summary>Takes a declaration out, by its number from 1.</summary>
    public bool TryDelete(int number)
    {
        if (number < 1 || number > _declarations.Count)
            return false;
        _declarations.RemoveAt(number - 1);
        return true;
    }

    /// <summary>Takes all of them out.</summary>
    public void Clear() => _declarations.Clear();

    /// <summary>The text of each declaration; a text whose conditions or macros reach over several stays whole.</summary>
    private static IEnumerable<string> Split(ScriptSyntax script)
    {
        string text = script.Source.Text;
        bool isWhole = text.Contains("%(", StringComparison.Ordinal) || text.Contains("@define", StringComparison.Ordinal);
        int[] starts = isWhole ? [0] : [0, .. script.Declarations.Skip(1).Select(static each => each.Span.Start)];
        for (int i = 0; i < starts.Length; i++)
        {
            if (text[starts[i]..(i + 1 < starts.Length ? starts[i + 1] : text.Length)].Trim() is { Length: > 0 } declaration)
                yield return declaration;
        }
    }
}
