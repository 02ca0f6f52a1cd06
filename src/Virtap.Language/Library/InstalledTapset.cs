using Virtap.Language.Syntax.Tree;
using Virtap.Names;

namespace Virtap.Language.Library;

/// <summary>A file of a tapset that somebody has installed.</summary>
/// <param name="Source">Its text.</param>
/// <param name="ProgramFolder">
/// For a file under a tapset's <c>PATH/</c>: the folder whose programs it names by their names alone (<c>/usr/bin</c> for
/// <c>PATH/usr/bin/x.stp</c>). Null for all others.
/// </param>
public sealed record TapsetFile(SourceText Source, string? ProgramFolder = null);

/// <summary>
/// The tapsets that others have installed on this machine: QEMU's, libvirt's, SystemTap's own. They are asked only for names that nobody
/// else knows; the first such name has their files read, and of these those are parsed that speak of it.
/// </summary>
/// <param name="read">Reads the files, in the order in which they count.</param>
/// <param name="parse">Parses one; null where it has mistakes, which are told by then.</param>
public sealed class InstalledTapset(Func<IEnumerable<TapsetFile>> read, Func<TapsetFile, ScriptSyntax?> parse)
{
    private readonly Dictionary<TapsetFile, ScriptSyntax?> _parsed = new(ReferenceEqualityComparer.Instance);
    private List<TapsetFile>? _files;

    /// <summary>Files parsed so far.</summary>
    internal int ParsedFiles => _parsed.Count;

    /// <summary>The files that declare functions of this name.</summary>
    internal IEnumerable<ScriptSyntax> FindFunction(string name) =>
        Parsed(file => file.Source.Text.Contains(name, StringComparison.Ordinal)).Where(script => script.Declares(name));

    /// <summary>The files that declare aliases whose first component matches.</summary>
    internal IEnumerable<ScriptSyntax> FindAliases(string firstComponent)
    {
        int wildcard = firstComponent.AsSpan().IndexOfAny("*?[\\");
        string beginning = wildcard < 0 ? firstComponent : firstComponent[..wildcard];
        return Parsed(file => DeclaresProbe(file.Source.Text, beginning)).Where(script => script.DeclaresAlias(firstComponent));
    }

    private IEnumerable<ScriptSyntax> Parsed(Predicate<TapsetFile> mayBeIt)
    {
        _files ??= [.. read()];
        foreach (TapsetFile file in _files.FindAll(mayBeIt))
        {
            if (!_parsed.TryGetValue(file, out ScriptSyntax? script))
                _parsed.Add(file, script = parse(file));
            if (script is not null)
                yield return script;
        }
    }

    /// <summary>Whether <c>probe</c> stands somewhere before a name that begins like this: an alias, or a mention of one.</summary>
    private static bool DeclaresProbe(string text, string beginning)
    {
        const string Keyword = "probe";
        for (int at = text.IndexOf(Keyword, StringComparison.Ordinal); at >= 0; at = text.IndexOf(Keyword, at, StringComparison.Ordinal))
        {
            at += Keyword.Length;
            if (text.AsSpan(at).TrimStart().StartsWith(beginning, StringComparison.Ordinal))
                return true;
        }

        return false;
    }
}

/// <summary>What a file of a library declares for others.</summary>
internal static class LibraryDeclarations
{
    /// <summary>Whether it declares a function of this name.</summary>
    public static bool Declares(this ScriptSyntax script, string function) => script.Declarations.Any(
        declaration => declaration is FunctionSyntax { IsPrivate: false } each && each.Name == function);

    /// <summary>Whether it declares an alias whose first component matches.</summary>
    public static bool DeclaresAlias(this ScriptSyntax script, string firstComponent) => script.Declarations.Any(
        declaration => declaration is AliasSyntax { IsPrivate: false } alias
            && alias.Names.Any(name => Glob.IsMatchWithEscapes(firstComponent, name.Components[0].Name)));
}
