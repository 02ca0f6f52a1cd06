using System.Text.RegularExpressions;

namespace Virtap.Cli.Tests;

/// <summary>
/// Which folder of a project imports which, read from its sources. A folder is a namespace. It imports another one
/// <list type="bullet">
/// <item>by a <c>using</c> of it, or of a type in it, whether the file needs it or not;</item>
/// <item>by a qualified name of a type in it (<c>Binding.Tree.BoundProgram</c>, from whatever namespace the name is relative to);</item>
/// <item>by the simple name of a type that one of its parents declares: C# sees those without a <c>using</c>. A member that is called as
/// such a type is taken for it.</item>
/// </list>
/// Comments and the text of strings do not count, what is interpolated into strings does.
/// </summary>
internal sealed partial class FolderGraph
{
    private readonly string _project;
    private readonly Dictionary<string, HashSet<string>> _types = [];
    private readonly SortedDictionary<string, SortedDictionary<string, string>> _imports = new(StringComparer.Ordinal);

    private FolderGraph(string project) => _project = project;

    /// <summary>Reads a project's sources.</summary>
    /// <param name="folder">The project's folder, called as the project and its root namespace are.</param>
    public static FolderGraph Read(string folder)
    {
        var graph = new FolderGraph(Path.GetFileName(folder));
        List<(string File, string Space, string Code)> files = [];
        foreach (string path in Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            string file = Path.GetRelativePath(folder, path);
            if (file.StartsWith("obj/", StringComparison.Ordinal) || file.StartsWith("bin/", StringComparison.Ordinal))
                continue;
            string code = WithoutText(File.ReadAllText(path));
            string space = NamespaceLine().Match(code) is { Success: true } declared ? declared.Groups[1].Value : graph._project;
            files.Add((file, space, code));
            graph._imports.TryAdd(space, new SortedDictionary<string, string>(StringComparer.Ordinal));
            if (!graph._types.TryGetValue(space, out HashSet<string>? types))
                graph._types.Add(space, types = []);
            types.UnionWith(TypeLine().Matches(code).Select(match => match.Groups[1].Value));
        }

        foreach ((string file, string space, string code) in files)
            graph.AddImports(file, space, code);
        return graph;
    }

    /// <summary>The folders as the project's root shows them; <c>.</c> is the root itself.</summary>
    public IEnumerable<string> Folders => _imports.Keys.Select(Shown);

    /// <summary>
    /// The circles: folders that import each other, directly or through others, each folder by itself; and the same with each folder of
    /// the root and all below it taken as one. A circle is its folders in order, <c>Elf, Marks</c>.
    /// </summary>
    public IEnumerable<string> Circles() =>
        Circles(_imports.ToDictionary(each => Shown(each.Key), each => each.Value.Keys.Select(Shown).ToHashSet()))
            .Union(Circles(_imports.GroupBy(each => Top(each.Key)).ToDictionary(
                each => each.Key,
                each => each.SelectMany(one => one.Value.Keys).Select(Top).Where(other => other != each.Key).ToHashSet())))
            .Order(StringComparer.Ordinal);

    /// <summary>The imports within a circle, a line each with a file that has it, for who is to break it.</summary>
    public IEnumerable<string> Within(string circle)
    {
        HashSet<string> members = [.. circle.Split(", ")];
        return
            from space in _imports
            from import in space.Value
            where (members.Contains(Shown(space.Key)) && members.Contains(Shown(import.Key)))
                || (members.Contains(Top(space.Key)) && members.Contains(Top(import.Key)))
            where Shown(space.Key) != Shown(import.Key)
            select $"{Shown(space.Key)} -> {Shown(import.Key)} ({import.Value})";
    }

    private void AddImports(string file, string space, string code)
    {
        void Import(string other)
        {
            if (other != space)
                _imports[space].TryAdd(other, file);
        }

        foreach (Match match in UsingLine().Matches(code))
        {
            if (SpaceOf(match.Groups[1].Value) is { } used)
                Import(used);
        }

        List<string> parents = [.. Parents(space)];
        string body = NamespaceLine().Replace(UsingLine().Replace(code, ""), "");
        foreach (Match match in QualifiedName().Matches(body))
        {
            string[] names = [.. match.Value.Split('.').Select(name => name.Trim())];
            if (!_types[space].Contains(names[0]) && parents.Find(parent => Declares(parent, names[0])) is { } declaring)
                Import(declaring);
            foreach (string prefix in (IEnumerable<string>)["", space + ".", .. parents.Select(parent => parent + ".")])
            {
                for (int length = names.Length - 1; length > 0; length--)
                {
                    string other = prefix + string.Join('.', names[..length]);
                    if (Declares(other, names[length]))
                        Import(other);
                }
            }
        }
    }

    private bool Declares(string space, string type) => _types.TryGetValue(space, out HashSet<string>? types) && types.Contains(type);

    /// <summary>The namespace that a using means: it, or that of the type.</summary>
    private string? SpaceOf(string name) => _types.ContainsKey(name) ? name : Parents(name).FirstOrDefault(_types.ContainsKey);

    private static IEnumerable<string> Parents(string space)
    {
        for (int dot = space.LastIndexOf('.'); dot > 0; dot = space.LastIndexOf('.', dot - 1))
            yield return space[..dot];
    }

    private string Shown(string space) => space == _project ? "." : space[(_project.Length + 1)..].Replace('.', '/');

    private string Top(string space) => Shown(space).Split('/')[0];

    private static IEnumerable<string> Circles(Dictionary<string, HashSet<string>> imports)
    {
        // Two folders are in one circle when each reaches the other; there are few of them.
        Dictionary<string, HashSet<string>> reached = imports.Keys.ToDictionary(folder => folder, folder => Reached(folder, imports));
        return imports.Keys
            .Where(folder => reached[folder].Contains(folder))
            .Select(
                folder =>
                string.Join(
                    ", ", imports.Keys.Where(other => reached[folder].Contains(other) && reached[other].Contains(folder))
                    .Order(StringComparer.Ordinal)))
            .Distinct();
    }

    private static HashSet<string> Reached(string from, Dictionary<string, HashSet<string>> imports)
    {
        HashSet<string> reached = [];
        var open = new Stack<string>([from]);
        while (open.TryPop(out string? folder))
        {
            foreach (string next in imports[folder].Where(reached.Add))
                open.Push(next);
        }

        return reached;
    }

    private static string WithoutText(string source) => CommentOrText().Replace(source, match => match.Value[0] switch
    {
        '/' => " ",
        '$' or '@' when match.Value.Contains('$') =>
            " " + string.Join(' ', Interpolation().Matches(match.Value).Select(hole => hole.Groups[1].Value)) + " ",
        _ => " ",
    });

    [GeneratedRegex("""
        //[^\n]*|/\*.*?\*/|\$*"{3,}.*?"{3,}|(?:\$@|@\$|@)"(?:[^"]|"")*"|\$?"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+'
        """, RegexOptions.Singleline)]
    private static partial Regex CommentOrText();

    [GeneratedRegex(@"\{([^{}]*)\}")]
    private static partial Regex Interpolation();

    [GeneratedRegex(@"^namespace\s+([\w.]+)\s*;", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(@"^(?:global\s+)?using\s+(?:static\s+)?(?:\w+\s*=\s*)?([\w.]+)\s*;", RegexOptions.Multiline)]
    private static partial Regex UsingLine();

    /// <summary>Types of the namespace itself: those that begin a line.</summary>
    [GeneratedRegex(
        @"^(?:(?:public|internal|file|static|sealed|abstract|readonly|partial|unsafe|ref)\s+)*"
        + @"(?:class|struct|interface|enum|record(?:\s+struct|\s+class)?|delegate\s+[\w<>\[\]?., ]+?)\s+([A-Z]\w*)",
        RegexOptions.Multiline)]
    private static partial Regex TypeLine();

    [GeneratedRegex(@"(?<![\w.])[A-Za-z_]\w*(?:\s*\.\s*[A-Za-z_]\w*)*")]
    private static partial Regex QualifiedName();
}
