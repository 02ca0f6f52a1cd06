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
        ProbeGroup? ownGroup = UsesTarget(declaration) ? group : null;
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
            if (!unit.AddParameter(local))
                Diagnostics.Semantic($"duplicate parameter name '{parameter.Name}'", parameter.Span);
        }

        symbol.Parameters = parameters;
        _pending.Enqueue(unit);
        return symbol;
    }

    /// <summary>Whether a function, or one that it calls, asks something of the probe that runs it.</summary>
    private bool UsesTarget(FunctionDeclaration function)
    {
        if (function.UsesTarget is { } known)
            return known;
        bool uses = UsesTarget(function, []);
        function.UsesTarget = uses;
        return uses;
    }

    private bool UsesTarget(FunctionDeclaration function, HashSet<FunctionDeclaration> visited)
    {
        if (function.UsesTarget is { } known)
            return known;
        // Functions that call each other ask if any of them asks.
        if (!visited.Add(function))
            return false;
        return SyntaxWalk.Any(function.Syntax.Body, node => node switch
        {
            TargetSyntax or AtVarSyntax or AtCastSyntax or AutocastSyntax or DefinedSyntax or ChooseDefinedSyntax or AtOperatorSyntax => true,
            CallSyntax { Name: "pp" or "ppfunc" or "probefunc" or "pn" } => true,
            NextSyntax => Overloads(function.Syntax.Name, function.Arity, function.File).Any(overload => UsesTarget(overload, visited)),
            CallSyntax call => Overloads(call.Name, call.Arguments.Count, function.File).Any(overload => UsesTarget(overload, visited)),
            _ => false,
        });
    }

    private IEnumerable<FunctionDeclaration> Overloads(string name, int arity, ScriptFile file) =>
        Declarations.FindFunctions(name, file).Where(function => function.Arity == arity);
}
