using Virtap.Language.Binding.Tree;
using Virtap.Language.Diagnostics;
using Virtap.Language.Library;
using Virtap.Language.Syntax.Tree;
using Virtap.Names;

namespace Virtap.Language.Binding.Declarations;

/// <summary>
/// The names that all files share. Library files join when a name that they declare is asked for the first time, so that only those are
/// parsed that the script needs.
/// </summary>
internal sealed class DeclarationTable(ScriptLibrary library, DiagnosticBag diagnostics, DiagnosticBag deferred)
{
    private readonly Dictionary<string, GlobalSymbol> _globals = [];
    private readonly Dictionary<string, List<FunctionDeclaration>> _functions = [];
    private readonly List<AliasDeclaration> _aliases = [];
    private readonly HashSet<ScriptSyntax> _loaded = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<ScriptSyntax> _made = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<string> _askedFunctions = [];

    /// <summary>Every global of every file so far, in order of declaration.</summary>
    public List<GlobalSymbol> AllGlobals { get; } = [];

    /// <summary>Function names declared so far, for hints.</summary>
    public IEnumerable<string> FunctionNames => _functions.Keys;

    /// <summary>Library files that the script uses, whose probes therefore run too. They come while bodies are bound.</summary>
    public Queue<ScriptFile> NewLibraryFiles { get; } = [];

    /// <summary>Adds a file's declarations.</summary>
    public ScriptFile Add(ScriptSyntax script, ScriptOrigin origin)
    {
        var file = new ScriptFile(script, origin);
        foreach (DeclarationSyntax declaration in script.Declarations)
        {
            switch (declaration)
            {
                case GlobalSyntax globals:
                    AddGlobals(globals, file);
                    break;
                case FunctionSyntax function:
                    AddFunction(new FunctionDeclaration(function, file), function.IsPrivate ? file.PrivateFunctions : _functions);
                    break;
                case AliasSyntax alias:
                    AddAlias(alias, file);
                    break;
                // What a library declares in C only its functions in C use, and those say so themselves when they are called.
                case EmbeddedDeclarationSyntax embedded when !file.IsLibrary:
                    deferred.Semantic("embedded C code is not supported", embedded.Span, Hints.EmbeddedCode);
                    break;
            }
        }

        return file;
    }

    /// <summary>The global that a name means in a file, or null.</summary>
    public GlobalSymbol? FindGlobal(string name, ScriptFile file)
    {
        if (file.PrivateGlobals.TryGetValue(name, out GlobalSymbol? symbol))
            return symbol;
        if (!_globals.TryGetValue(name, out symbol) && library.FindGlobal(name) is { } script)
        {
            Load(script);
            symbol = _globals.GetValueOrDefault(name);
        }

        return symbol is { IsLibrary: false } && file.Origin == ScriptOrigin.Tapset ? null : symbol;
    }

    /// <summary>All functions of this name that a file sees, in the order in which overloads are tried.</summary>
    public IReadOnlyList<FunctionDeclaration> FindFunctions(string name, ScriptFile file)
    {
        if (file.PrivateFunctions.TryGetValue(name, out List<FunctionDeclaration>? ownFunctions))
            return ownFunctions;
        if (_askedFunctions.Add(name))
        {
            foreach (ScriptSyntax script in library.FindFunction(name))
                Load(script);
        }

        return _functions.TryGetValue(name, out List<FunctionDeclaration>? functions) ? functions : [];
    }

    /// <summary>All aliases that a file sees and whose first component may be the one given (perhaps a pattern).</summary>
    public IEnumerable<AliasDeclaration> FindAliases(string firstComponent, ScriptFile file)
    {
        foreach (ScriptSyntax script in library.FindAliases(firstComponent))
            Load(script);
        return file.PrivateAliases.Concat(_aliases);
    }

    /// <summary>All aliases that a file could use, for hints: their files' own probes do not run for that.</summary>
    public IEnumerable<AliasDeclaration> AllAliases(ScriptFile file)
    {
        foreach (ScriptSyntax script in library.FindAliases("*"))
            Load(script, runs: false);
        return file.PrivateAliases.Concat(_aliases);
    }

    /// <summary>Has what others have installed declare aliases whose first component may be the one given.</summary>
    /// <returns>Whether there are new ones.</returns>
    public bool LoadInstalledAliases(string firstComponent)
    {
        int before = _aliases.Count;
        foreach (ScriptSyntax script in library.FindInstalledAliases(firstComponent))
            Load(script);
        return _aliases.Count > before;
    }

    /// <summary>Declares the aliases that were made for the script, but for those that somebody has declared.</summary>
    public void LoadMadeAliases(IEnumerable<SourceText> sources)
    {
        HashSet<string> declared = [.. _aliases.Where(alias => !_made.Contains(alias.File.Syntax)).Select(static alias => alias.Text)];
        foreach (SourceText source in sources)
        {
            if (library.ParseMade(source) is not { } script)
                continue;
            script = script with
            {
                Declarations = [.. script.Declarations.OfType<AliasSyntax>()
                    .Where(alias => !declared.Contains(string.Join('.', alias.Names[0].Components.Select(static each => each.Name))))],
            };
            _made.Add(script);
            Load(script);
        }
    }

    /// <summary>Declares a wrapping array that no script can name, for what the binder keeps from one probe to another.</summary>
    public string AddKept(SourceSpan span, int size)
    {
        string name = $"__kept_{AllGlobals.Count}";
        var symbol = new GlobalSymbol(name, span) { Size = size, Wraps = true, IsLibrary = true };
        _globals.Add(name, symbol);
        AllGlobals.Add(symbol);
        return name;
    }

    /// <summary>Declares a text that no script can name, unless it is there: what a handler exchanges with whoever has it run.</summary>
    public void AddExchanged(string name, SourceSpan span)
    {
        if (_globals.ContainsKey(name))
            return;
        var symbol = new GlobalSymbol(name, span)
        {
            IsLibrary = true,
            Type = ScriptType.String,
            IsRead = true,
            IsWritten = true,
        };
        _globals.Add(name, symbol);
        AllGlobals.Add(symbol);
    }

    private void Load(ScriptSyntax script, bool runs = true)
    {
        if (!_loaded.Add(script))
            return;
        ScriptFile file = Add(script, library.IsOwn(script) ? ScriptOrigin.Tapset : ScriptOrigin.Library);
        if (runs)
            NewLibraryFiles.Enqueue(file);
    }

    private void AddGlobals(GlobalSyntax globals, ScriptFile file)
    {
        Dictionary<string, GlobalSymbol> names = globals.IsPrivate ? file.PrivateGlobals : _globals;
        foreach (GlobalDeclaratorSyntax declarator in globals.Declarators)
        {
            GlobalSymbol symbol = Declare(declarator, file.IsLibrary);
            if (declarator is { Wraps: true, Initializer: not null })
                diagnostics.Semantic("wrapping not supported for scalars", declarator.Span, $"'{symbol.Name}' is declared as an array");
            if (names.TryAdd(symbol.Name, symbol))
            {
                AllGlobals.Add(symbol);
                continue;
            }

            diagnostics.Add(new Diagnostic(
                DiagnosticKind.Semantic,
                "duplicate global name",
                declarator.Span,
                Related: [("first declared here", names[symbol.Name].Span)]));
        }
    }

    private static GlobalSymbol Declare(GlobalDeclaratorSyntax declarator, bool isLibrary)
    {
        var symbol = new GlobalSymbol(
            declarator.Name, declarator.Span) { Size = declarator.Size, Wraps = declarator.Wraps, IsLibrary = isLibrary };
        switch (declarator.Initializer)
        {
            case NumberSyntax number:
                symbol.InitialValue = number.Value;
                symbol.Type = ScriptType.Long;
                symbol.SetArity(0, declarator.Span);
                break;
            case StringSyntax text:
                symbol.InitialValue = text.Value;
                symbol.Type = ScriptType.String;
                symbol.SetArity(0, declarator.Span);
                break;
        }

        return symbol;
    }

    private static void AddFunction(FunctionDeclaration function, Dictionary<string, List<FunctionDeclaration>> names)
    {
        if (!names.TryGetValue(function.Syntax.Name, out List<FunctionDeclaration>? overloads))
            names.Add(function.Syntax.Name, overloads = []);
        // Behind those of the same priority: they are tried in order of declaration.
        int at = overloads.FindLastIndex(other => other.Priority <= function.Priority) + 1;
        overloads.Insert(at, function);
    }

    private void AddAlias(AliasSyntax alias, ScriptFile file)
    {
        foreach (ProbePointSyntax name in alias.Names)
        {
            string? problem = null;
            if (name.Components.FirstOrDefault(static component => component.Argument is not null) is { Name: var component })
                problem = $"alias component {component} contains illegal parameter";
            else if (name.Components.Any(static component => Glob.HasWildcards(component.Name)))
                problem = "invalid use of wildcard probe point component";
            if (problem is not null)
            {
                diagnostics.Add(new Diagnostic(
                    DiagnosticKind.Semantic, "while registering probe alias", alias.Span, Related: [(problem, null)]));
                continue;
            }

            var declaration = new AliasDeclaration([.. name.Components.Select(static component => component.Name)], alias, file);
            (alias.IsPrivate ? file.PrivateAliases : _aliases).Add(declaration);
        }
    }
}
