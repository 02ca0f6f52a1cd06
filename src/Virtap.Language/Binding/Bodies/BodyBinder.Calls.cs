using Virtap.Language.Binding.Declarations;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Diagnostics;
using Virtap.Language.Library;
using Virtap.Language.Syntax.Tree;
using Virtap.Names;

namespace Virtap.Language.Binding.Bodies;

internal sealed partial class BodyBinder
{
    /// <summary>Before the name of something built in without a value: the tapset's function that has one.</summary>
    private const string AsFunction = "__value_of_";

    /// <summary>What a tapset function calls to end the handler that called it.</summary>
    private const string LeaveProbe = "__leave_probe";

    /// <summary>As many names as SystemTap suggests in place of a function that there is not.</summary>
    private const int MaxSimilar = 5;

    private BoundExpression BindCall(CallSyntax call, ScriptType wanted)
    {
        BuiltIn? builtIn = BuiltIns.Find(call.Name);
        if (builtIn is { TakesValues: true, Meaning: PrintForm form })
            return BindPrinting(call, form);

        IReadOnlyList<FunctionDeclaration> named = program.Declarations.FindFunctions(call.Name, _file);
        List<FunctionDeclaration> overloads = WithArityOf(call, named);
        // A script may have a function of its own by any name; the tapset does not declare again what is built in.
        if (overloads.Count > 0)
            return BindCall(call, overloads, wanted);
        if (builtIn is not null && builtIn.Parameters.Count == call.Arguments.Count)
            return BindBuiltIn(call, builtIn, wanted);

        foreach (ExpressionSyntax argument in call.Arguments)
            BindValue(argument);
        ReportUnresolved(call, named, builtIn);
        return new BoundError(call.Span);
    }

    private static List<FunctionDeclaration> WithArityOf(CallSyntax call, IEnumerable<FunctionDeclaration> named) =>
        [.. named.Where(function => function.Arity == call.Arguments.Count)];

    private BoundCall BindCall(CallSyntax call, List<FunctionDeclaration> overloads, ScriptType wanted)
    {
        FunctionSymbol function = program.UseFunction(overloads, 0, unit.Group);
        List<BoundExpression> arguments = [];
        for (int i = 0; i < call.Arguments.Count; i++)
        {
            LocalSymbol parameter = function.Parameters[i];
            BoundExpression argument = BindValue(call.Arguments[i], parameter.Type);
            if (argument.Type != ScriptType.Unknown)
                LearnParameter(overloads[0], parameter, argument, i);
            else if (parameter.Type == ScriptType.Unknown)
                WaitFor(parameter);
            else
                Teach(argument, parameter.Type);
            arguments.Add(Known(argument));
        }

        AgreeWithOverloads(overloads, function, arguments, call.Span);
        return Call(function, arguments, call.Span, wanted);
    }

    /// <summary>All functions of a name and arity are one to who calls them: they take and return the same types.</summary>
    private void AgreeWithOverloads(
        List<FunctionDeclaration> overloads, FunctionSymbol first, List<BoundExpression> arguments, SourceSpan span)
    {
        for (int i = 1; i < overloads.Count; i++)
        {
            FunctionSymbol other = program.UseFunction(overloads, i, unit.Group);
            if (overloads[i].Syntax.ReturnType is var declared && declared != ScriptType.Unknown
                && first.ReturnType != ScriptType.Unknown && declared != first.ReturnType)
            {
                _types.ReportMismatch(first.ReturnType, declared, span);
            }
            else if (first.ReturnType != ScriptType.Unknown)
            {
                _types.Learn(other, first.ReturnType, span);
            }
            else
            {
                _types.Learn(first, other.ReturnType, span);
                _types.Wait(first, unit);
                _types.Wait(other, unit);
            }

            for (int j = 0; j < arguments.Count; j++)
                LearnParameter(overloads[i], other.Parameters[j], arguments[j], j);
        }
    }

    /// <summary>A parameter has the type of what it is given; where it is declared with another, the argument is wrong.</summary>
    private void LearnParameter(FunctionDeclaration declaration, LocalSymbol parameter, BoundExpression argument, int index)
    {
        ScriptType declared = declaration.Syntax.Parameters[index].Type;
        if (argument.Type == ScriptType.Unknown || parameter.Type == argument.Type)
            return;
        if (declared != ScriptType.Unknown)
            ReportWrongValue(argument, declared);
        else if (parameter.Type != ScriptType.Unknown)
            ReportWrongArgument(parameter, argument);
        else
            _types.LearnFromCall(parameter, argument.Type, argument.Span);
    }

    /// <summary>
    /// As SystemTap does: what a variable holds is wrong for the function; what has its type by itself is what the function is wrong for,
    /// or another call.
    /// </summary>
    private void ReportWrongArgument(LocalSymbol parameter, BoundExpression argument)
    {
        if (argument is BoundVariable { Symbol: LocalSymbol { IsParameter: false } or GlobalSymbol { InitialValue: null } } or BoundElement)
            Teach(argument, parameter.Type);
        else if (parameter is { IsTypedByCall: false, TypeSpan: { } use })
            _types.ReportMisuse(parameter, use, argument.Type, argument.Span);
        else
            _types.Learn(parameter, argument.Type, argument.Span);
    }

    private BoundCall Call(FunctionSymbol function, IReadOnlyList<BoundExpression> arguments, SourceSpan span, ScriptType wanted)
    {
        if (_dead == 0)
            unit.Callees.Add(function);
        foreach (GlobalSymbol array in _iterated)
            unit.CallsWhileIterating.Add((function, array, span));
        if (function.ReturnType == ScriptType.Unknown)
            _types.Learn(function, wanted, span);
        return new BoundCall(span, function, arguments);
    }

    /// <summary>A call of what has no declaration in the tapset, with as many arguments as it takes.</summary>
    private BoundExpression BindBuiltIn(CallSyntax call, BuiltIn builtIn, ScriptType wanted)
    {
        // found && exit(): as functions, these have the value of one that returns nothing.
        if (wanted != ScriptType.Unknown && builtIn.Result == ScriptType.Unknown
            && WithArityOf(call, program.Declarations.FindFunctions(AsFunction + call.Name, _file)) is [_, ..] asFunctions)
        {
            return BindCall(call, asFunctions, wanted);
        }

        if (builtIn.NeedsGuru && !program.IsGuru)
        {
            Error("function may not be used unless -g is specified", call.Span);
            return new BoundError(call.Span);
        }

        return builtIn.Meaning switch
        {
            PrintForm form => BindPrinting(call, form),
            StackPrint stack => new BoundPrint(
                call.Span, [new BoundFormatStack(stack.Form, new BoundTargetText(call.Span, TargetText.Point))], PrintChannel.Output),
            // What the script says, wildcards resolved; aliases stay as they are.
            ProbeText { PrefersAlias: true } when unit.Group is { AliasName: { } alias } => new BoundString(call.Span, alias),
            ProbeText text => new BoundTargetText(call.Span, text.Text),
            AddressText => OnlyPrinted(call),
            SessionConstant { Value: var value } => program.Constants.Of(value, call.Span),
            KernelMember when call.Arguments.Any(static argument => argument is not StringSyntax) =>
                NotWrittenOut(call),
            _ =>
                new BoundBuiltInCall(
                    call.Span, builtIn,
                    [.. call.Arguments.Zip(builtIn.Parameters, (argument, parameter) => BindArgument(argument, parameter.Type))]),
        };
    }

    /// <summary>What a built-in function takes.</summary>
    private BoundExpression BindArgument(ExpressionSyntax argument, ScriptType type)
    {
        if (argument is not (NumberSyntax or StringSyntax))
            return Bind(argument, type);
        BoundExpression literal = BindValue(argument, type);
        if (type != ScriptType.Unknown && literal.Type != type)
            ReportWrongValue(literal, type);
        return literal;
    }

    private BoundError OnlyPrinted(CallSyntax call)
    {
        Error(
            $"{call.Name}() is known only where it is printed", call.Span,
            $"lines are looked up when text is made: printf(\"%s\", {call.Name}(addr)); variables and arrays can keep the address");
        return new BoundError(call.Span);
    }

    private BoundError NotWrittenOut(CallSyntax call)
    {
        Error("expected literal string", call.Span, $"{call.Name} takes names that are written out");
        return new BoundError(call.Span);
    }

    private void ReportUnresolved(CallSyntax call, IReadOnlyList<FunctionDeclaration> named, BuiltIn? builtIn)
    {
        if (named is [.., var last])
        {
            Diagnostics.Add(new Diagnostic(
                DiagnosticKind.Semantic, $"arity mismatch found (function '{call.Name}' takes {last.Arity} args)", call.Span)
            {
                OtherPlace = last.Syntax.NameSpan,
            });
        }
        else if (builtIn is not null)
        {
            Error($"arity mismatch found (function '{call.Name}' takes {builtIn.Parameters.Count} args)", call.Span);
        }
        else if (UnsupportedFunctions.Find(call.Name) is { } unsupported)
        {
            // Where it is never called, nobody misses it.
            if (_dead == 0)
                Error(unsupported.Message, call.Span, unsupported.Hint);
        }
        else
        {
            // What prints is no function in SystemTap.
            IEnumerable<string> names = program.FunctionNames().Where(static name => BuiltIns.Find(name) is not { TakesValues: true })
                .Distinct().Order(StringComparer.Ordinal);
            IEnumerable<string> similar = NameSuggestion.Similar(call.Name, names, MaxSimilar);
            Error(
                $"unresolved function {call.Name} (similar: {string.Join(", ", similar)})", call.Span,
                Hints.Nearest(call.Name, program.FunctionNames()));
        }
    }

    private BoundNextOverload BindNextOverload(FunctionInstance function, StatementSyntax next)
    {
        int at = -1;
        for (int i = 0; i < function.Overloads.Count; i++)
        {
            if (ReferenceEquals(function.Overloads[i], function.Declaration))
                at = i;
        }

        FunctionSymbol symbol = function.Symbol;
        if (at + 1 < function.Overloads.Count)
        {
            FunctionSymbol other = program.UseFunction(function.Overloads, at + 1, unit.Group);
            symbol.NextOverload = other;
            unit.Callees.Add(other);
            // The same arguments, and the same result.
            for (int i = 0; i < symbol.Parameters.Count; i++)
            {
                LocalSymbol own = symbol.Parameters[i], others = other.Parameters[i];
                _types.Learn(others, own.Type, next.Span);
                _types.Learn(own, others.Type, next.Span);
                if (own.Type == ScriptType.Unknown)
                {
                    WaitFor(own);
                    WaitFor(others);
                }
            }

            _types.Learn(other, symbol.ReturnType, next.Span);
            _types.Learn(symbol, other.ReturnType, next.Span);
            if (symbol.ReturnType == ScriptType.Unknown)
            {
                WaitFor(symbol);
                WaitFor(other);
            }
        }

        return new BoundNextOverload(next.Span, symbol);
    }
}
