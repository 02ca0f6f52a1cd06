using Virtap.Language.Binding.Declarations;
using Virtap.Language.Binding.Elision;
using Virtap.Language.Binding.Targets;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Diagnostics;
using Virtap.Language.Library;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Binding.Bodies;

/// <summary>
/// What the bodies of a program share: its declarations, what is known about types, and the functions that have been called so far.
/// </summary>
/// <param name="declarations">The names.</param>
/// <param name="unused">Takes out of bodies what is not used.</param>
/// <param name="constants">What is the same throughout a session.</param>
/// <param name="isGuru">-g: whether the script may ask for what can harm the target.</param>
/// <param name="skipsBadVariables">--skip-badvars: whether a target variable that there is not is 0.</param>
/// <param name="diagnostics">Takes what is wrong.</param>
/// <param name="deferred">Takes what pass 3 is to tell.</param>
internal sealed class ProgramScope(
    DeclarationTable declarations, UnusedCode unused, SessionConstants constants, bool isGuru, bool skipsBadVariables,
    DiagnosticBag diagnostics, DiagnosticBag deferred)
{
    private readonly Dictionary<FunctionDeclaration, FunctionInstance> _functions = [];

    public DeclarationTable Declarations { get; } = declarations;

    /// <summary>The counters that the script declares, by their names.</summary>
    public Dictionary<string, ProbeTarget> Counters { get; } = new(StringComparer.Ordinal);

    /// <summary>Those of them that are read, by their numbers.</summary>
    public List<ProbeTarget> CountersRead { get; } = [];

    /// <summary>What is known about types.</summary>
    public TypeTable Types { get; } = new(diagnostics);

    public DiagnosticBag Diagnostics { get; } = diagnostics;

    /// <summary>Mistakes that pass 3 tells.</summary>
    public DiagnosticBag Deferred { get; } = deferred;

    public bool IsGuru { get; } = isGuru;

    public bool SkipsBadVariables { get; } = skipsBadVariables;

    /// <summary>What is the same throughout a session.</summary>
    public SessionConstants Constants { get; } = constants;

    /// <summary>Bodies that are reached and have not been bound yet.</summary>
    public Queue<BodyUnit> Reached { get; } = [];

    /// <summary>Whether nothing more will be learned: what has no type by now never gets one.</summary>
    public bool IsLastRound { get; set; }

    /// <summary>Whether there are mistakes that may be why something has no type.</summary>
    public bool HadErrorsBeforeLastRound { get; set; }

    /// <summary>Names of functions that a script may have meant.</summary>
    public IEnumerable<string> FunctionNames() => Declarations.FunctionNames
        .Concat(BuiltIns.All.Select(static builtIn => builtIn.Name))
        .Concat(TapsetIndex.FunctionNames)
        .Where(static name => !name.StartsWith('_'));

    /// <summary>The function that is called, one of those of its name and arity; its body is bound if this is its first use.</summary>
    /// <param name="overloads">All of them, in the order in which they are tried.</param>
    /// <param name="index">Which one.</param>
    /// <param name="group">The targets of the handler that calls it.</param>
    public FunctionSymbol UseFunction(IReadOnlyList<FunctionDeclaration> overloads, int index, ProbeGroup? group)
    {
        FunctionDeclaration declaration = overloads[index];
        ProbeGroup? ownGroup = AsksTarget(declaration) ? group : null;
        Dictionary<FunctionDeclaration, FunctionInstance> known = ownGroup?.Functions ?? _functions;
        if (known.TryGetValue(declaration, out FunctionInstance? instance))
            return instance.Symbol;

        FunctionSyntax syntax = declaration.Syntax;
        var symbol = new FunctionSymbol(syntax.Name, syntax.Span)
        {
            IsLibrary = declaration.File.IsLibrary,
            IsOwn = declaration.File.Origin == ScriptOrigin.Tapset,
            ReturnType = syntax.ReturnType,
        };
        instance = new FunctionInstance(declaration, overloads, symbol);
        known.Add(declaration, instance);
        var unit = new BodyUnit(
            unused.Strip([new BodyPart(syntax.Body, declaration.File)], syntax.Parameters.Select(static each => each.Name)),
            ownGroup, instance);
        List<LocalSymbol> parameters = [];
        foreach (ParameterSyntax parameter in syntax.Parameters)
        {
            var local = new LocalSymbol(parameter.Name, parameter.Span, parameters.Count) { Type = parameter.Type };
            parameters.Add(local);
            unit.AddParameter(local);
        }

        symbol.Parameters = parameters;
        Reached.Enqueue(unit);
        return symbol;
    }

    /// <summary>
    /// Meets the script's own functions that bodies call before the bodies themselves: as SystemTap does, which therefore tells of what
    /// contradicts them where they are used.
    /// </summary>
    public void MeetFunctions(IEnumerable<BodyPart> parts)
    {
        HashSet<FunctionDeclaration> met = [];
        Stack<(SyntaxNode Body, ScriptFile File)> open = new(parts.Select(static part => ((SyntaxNode)part.Statement, part.File)));
        while (open.TryPop(out (SyntaxNode Body, ScriptFile File) next))
        {
            SyntaxWalk.Any(next.Body, node =>
            {
                if (node is not CallSyntax call)
                    return false;
                List<FunctionDeclaration> named = [
                    .. Declarations.FindFunctions(call.Name, next.File).Where(other => other.Arity == call.Arguments.Count)];
                for (int i = 0; i < named.Count; i++)
                {
                    if (named[i].File.IsLibrary || AsksTarget(named[i]) || !met.Add(named[i]))
                        continue;
                    UseFunction(named, i, null);
                    open.Push((named[i].Syntax.Body, named[i].File));
                }

                return false;
            });
        }
    }

    /// <summary>Whether a function, or one that it calls, asks something of the probe that runs it.</summary>
    private bool AsksTarget(FunctionDeclaration function)
    {
        HashSet<FunctionDeclaration> reached = [function];
        Stack<FunctionDeclaration> open = [];
        open.Push(function);
        while (open.TryPop(out FunctionDeclaration? next))
        {
            if (next.AsksTarget is false)
                continue;
            if (next.AsksTarget is true || AsksItself(next))
            {
                next.AsksTarget = true;
                function.AsksTarget = true;
                return true;
            }

            foreach (FunctionDeclaration callee in CalleesOf(next))
            {
                if (reached.Add(callee))
                    open.Push(callee);
            }
        }

        foreach (FunctionDeclaration one in reached)
            one.AsksTarget = false;
        return false;
    }

    private static bool AsksItself(FunctionDeclaration function) => SyntaxWalk.Any(function.Syntax.Body, static node =>
        node is TargetSyntax or AtVarSyntax or AtCastSyntax or AutocastSyntax or DefinedSyntax or ChooseDefinedSyntax or AtOperatorSyntax
        || node is CallSyntax call && BuiltIns.Find(call.Name) is { AsksTarget: true });

    private List<FunctionDeclaration> CalleesOf(FunctionDeclaration function)
    {
        List<FunctionDeclaration> callees = [];
        SyntaxWalk.Any(function.Syntax.Body, node =>
        {
            (string Name, int Arity)? called = node switch
            {
                CallSyntax call => (call.Name, call.Arguments.Count),
                NextSyntax => (function.Syntax.Name, function.Arity),
                _ => null,
            };
            if (called is (var name, var arity))
                callees.AddRange(Declarations.FindFunctions(name, function.File).Where(other => other.Arity == arity));
            return false;
        });
        return callees;
    }
}
