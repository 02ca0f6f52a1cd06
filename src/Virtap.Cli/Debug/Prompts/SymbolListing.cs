using System.Text.RegularExpressions;
using Virtap.Binaries.Dwarf;
using Virtap.Cli.Rendering;
using Virtap.Debugging.Printing;
using Virtap.Debugging.Sessions;
using Virtap.Debugging.Targets;
using Virtap.Language;
using static Virtap.Cli.Debug.Prompts.PromptOutput;

namespace Virtap.Cli.Debug.Prompts;

/// <summary>Lists of what there is: <c>info functions</c>, <c>info variables</c>, <c>info types</c>, in gdb's text.</summary>
internal sealed class SymbolListing(DebugSession session)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    /// <summary>Lists what has a name that a regular expression is found in; an empty one finds all.</summary>
    public void Show(DeclarationKind kind, string pattern)
    {
        Regex expression = Expression(pattern);
        string subject = kind switch { DeclarationKind.Function => "functions", DeclarationKind.Variable => "variables", _ => "types" };
        WriteLine(pattern.Length == 0 ? $"All defined {subject}:" : $"All {subject} matching regular expression \"{pattern}\":");
        IReadOnlyList<LoadedImage> images = session.Target.Images();
        var files = images.Where(static image => image.Debug is not null)
            .SelectMany(image => image.Debug!.Declarations(kind, expression.IsMatch).Select(each => Line(each, image.Debug!.IsCPlusPlus)))
            .GroupBy(static each => each.File).OrderBy(static file => file.Key, StringComparer.Ordinal);
        foreach (var file in files)
        {
            WriteLine($"\nFile {PrintableText.OfLine(file.Key)}:");
            // What bears one name in a file is listed once, as debug information has it first.
            foreach (ListedName each in file.OrderBy(static each => each.IsStatic).ThenBy(static each => each.Name, StringComparer.Ordinal)
                .DistinctBy(static each => (each.IsStatic, each.Name)))
                WriteLine(each.Text);
        }

        if (kind != DeclarationKind.Type)
            ShowOthers(images, kind == DeclarationKind.Function, expression);
    }

    private static ListedName Line(DebugDeclaration declaration, bool isCPlusPlus)
    {
        var types = new TypeText(isCPlusPlus);
        if (declaration.IsType && declaration.Line == 0)
        {
            string plain = types.Name(declaration.Type);
            return new ListedName(declaration.File, false, plain, "\t" + PrintableText.OfLine(plain));
        }

        string text = declaration switch
        {
            { IsTypedef: true } => $"typedef {types.Name(declaration.Type.Underlying)} {declaration.Name}",
            { IsType: true } => types.Name(declaration.Type),
            _ => (declaration.IsStatic ? "static " : "") + types.Declaration(declaration.Type, declaration.Name),
        };
        text = Figures.Invariant($"{declaration.Line}:\t{PrintableText.OfLines(text)};");
        return new ListedName(declaration.File, declaration.IsStatic, declaration.Name, text);
    }

    /// <summary>What only symbols tell of.</summary>
    private static void ShowOthers(IReadOnlyList<LoadedImage> images, bool isCode, Regex expression)
    {
        List<(ulong Address, string Name)> others = [
            .. images.SelectMany(image => image.Undescribed(isCode)).Where(each => expression.IsMatch(each.Name)).Distinct()];
        if (others.Count == 0)
            return;
        WriteLine("\nNon-debugging symbols:");
        foreach ((ulong address, string name) in others.OrderBy(static each => each.Address).ThenBy(static each => each.Name))
            WriteLine(Figures.Invariant($"0x{address:x16}  {PrintableText.OfLine(name)}"));
    }

    private static Regex Expression(string pattern)
    {
        try
        {
            return new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, s_patience);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new PromptException($"Invalid regexp: {e.Message}");
        }
    }

    private readonly record struct ListedName(string File, bool IsStatic, string Name, string Text);
}
