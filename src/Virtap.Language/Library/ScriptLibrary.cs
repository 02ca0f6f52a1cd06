using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Library;

/// <summary>
/// The tapset: what scripts can use without declaring it. Our own files are parsed when a name of theirs is used for the first time; the
/// files of -I directories, whose names are not known otherwise, before.
/// </summary>
/// <param name="parse">Parses a library file; null where it has mistakes, which are reported by then.</param>
/// <param name="installed">What is asked last; null for nothing.</param>
public sealed class ScriptLibrary(Func<SourceText, ScriptSyntax?> parse, InstalledTapset? installed = null)
{
    private readonly Dictionary<string, ScriptSyntax?> _parsed = [];
    private readonly List<ScriptSyntax> _added = [];

    // Those of them that do not take the place of what is our own.
    private readonly HashSet<ScriptSyntax> _yielding = new(ReferenceEqualityComparer.Instance);

    /// <summary>Library files parsed so far; the figure that pass 1 reports.</summary>
    public int ParsedFiles => _parsed.Count + _added.Count + (installed?.ParsedFiles ?? 0);

    /// <summary>Adds a parsed file of a -I directory.</summary>
    /// <param name="script">The file.</param>
    /// <param name="yieldsToOwn">Whether it is asked only for functions and aliases that our own tapset does not have.</param>
    public void Add(ScriptSyntax script, bool yieldsToOwn = false)
    {
        _added.Add(script);
        if (yieldsToOwn)
            _yielding.Add(script);
    }

    /// <summary>The files that declare functions of this name.</summary>
    internal IEnumerable<ScriptSyntax> FindFunction(string name)
    {
        bool isOwn = TapsetIndex.FileOfFunction(name) is not null || BuiltIns.Find(name) is not null
            || UnsupportedFunctions.Find(name) is not null;
        List<ScriptSyntax> found = [.. AddedFor(isOwn).Where(script => script.Declares(name))];
        if (TapsetIndex.FileOfFunction(name) is { } file && Parse(file) is { } own)
            found.Add(own);
        return found.Count > 0 || isOwn || installed is null ? found : installed.FindFunction(name);
    }

    private IEnumerable<ScriptSyntax> AddedFor(bool isOwn) => _added.Where(script => !isOwn || !_yielding.Contains(script));

    /// <summary>The file that declares a public global of this name; a local's name calls for no file that yields.</summary>
    internal ScriptSyntax? FindGlobal(string name) => AddedFor(isOwn: true).FirstOrDefault(script => script.Declarations.Any(declaration =>
            declaration is GlobalSyntax { IsPrivate: false } globals && globals.Declarators.Any(declarator => declarator.Name == name)))
        ?? (TapsetIndex.FileOfGlobal(name) is { } file ? Parse(file) : null);

    /// <summary>Every file, the user's first; those of our own tapset that were not used so far are parsed.</summary>
    internal IEnumerable<ScriptSyntax> ParseAll() =>
        _added.Concat(Tapset.Files.Order(StringComparer.Ordinal).Select(Parse).OfType<ScriptSyntax>());

    /// <summary>Whether a file is of our own tapset.</summary>
    internal bool IsOwn(ScriptSyntax script) => _parsed.ContainsValue(script);

    /// <summary>The files that declare aliases whose first component matches.</summary>
    internal IEnumerable<ScriptSyntax> FindAliases(string firstComponent)
    {
        List<string> ownFiles = [.. TapsetIndex.FilesOfAliases(firstComponent)];
        foreach (ScriptSyntax script in AddedFor(ownFiles.Count > 0))
        {
            if (script.DeclaresAlias(firstComponent))
                yield return script;
        }

        foreach (string file in ownFiles)
        {
            if (Parse(file) is { } own)
                yield return own;
        }
    }

    /// <summary>
    /// The same in what others have installed: to be asked where a probe point is neither an alias of <see cref="FindAliases"/> nor one
    /// that the resolver knows.
    /// </summary>
    internal IEnumerable<ScriptSyntax> FindInstalledAliases(string firstComponent) => installed?.FindAliases(firstComponent) ?? [];

    /// <summary>A file that was made for the script; null where it has mistakes, which are reported by then.</summary>
    internal ScriptSyntax? ParseMade(SourceText source) => parse(source);

    private ScriptSyntax? Parse(string file)
    {
        if (!_parsed.TryGetValue(file, out ScriptSyntax? script))
        {
            script = parse(Tapset.Read(file));
            _parsed.Add(file, script);
        }

        return script;
    }
}
