using Virtap.Language.Binding.Bodies;
using Virtap.Language.Binding.Declarations;
using Virtap.Language.Binding.Probes;
using Virtap.Language.Binding.Symbols;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Library;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Binding;

internal sealed partial class ProgramBinder
{
    private readonly Dictionary<FunctionDeclaration, FunctionInstance> _functions = [];

    /// <summary>Names of functions that a script may have meant.</summary>
    public IEnumerable<string> FunctionNames() => Declarations.FunctionNames
        .Concat(["printf", "println", "print", "printd", "printdln", "sprintf", "sprint", "sprintln", "sprintd", "sprintdln", "log", "warn", "pp", "pn", "ppfunc", "probefunc"])
        .Concat(Intrinsics.Names)
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
        var symbol = new FunctionSymbol(syntax.Name, syntax.Span) { IsLibrary = declaration.File.IsLibrary, ReturnType = syntax.ReturnType };
        instance = new FunctionInstance(declaration, overloads, symbol);
        known.Add(declaration, instance);
        var unit = new BodyUnit([new BodyPart(syntax.Body, declaration.File)], ownGroup, instance);
        List<LocalSymbol> parameters = [];
        foreach (ParameterSyntax parameter in syntax.Parameters)
        {
            var local = new LocalSymbol(parameter.Name, parameter.Span, isParameter: true) { Type = parameter.Type };
            parameters.Add(local);
            unit.AddParameter(local);
        }

        symbol.Parameters = parameters;
        _pending.Enqueue(unit);
        return symbol;
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

    private static bool AsksItself(FunctionDeclaration function) => SyntaxWalk.Any(function.Syntax.Body, static node => node is
        TargetSyntax or AtVarSyntax or AtCastSyntax or AutocastSyntax or DefinedSyntax or ChooseDefinedSyntax or AtOperatorSyntax
        or CallSyntax { Name: "pp" or "ppfunc" or "probefunc" or "pn" });

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
