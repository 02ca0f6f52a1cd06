using Virtap.Language.Binding.Declarations;
using Virtap.Language.Binding.Symbols;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Diagnostics;
using Virtap.Language.Library;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Binding.Bodies;

internal sealed partial class BodyBinder
{
    /// <summary>Before the name of something built in without a value: the tapset's function that has one.</summary>
    private const string AsFunction = "__value_of_";

    /// <summary>What a tapset function calls to end the handler that called it.</summary>
    private const string LeaveProbe = "__leave_probe";

    private BoundExpression BindCall(CallSyntax call, ScriptType wanted)
    {
        if (BindPrinting(call) is { } printing)
            return printing;

        IReadOnlyList<FunctionDeclaration> named = program.Declarations.FindFunctions(call.Name, _file);
        List<FunctionDeclaration> overloads = [.. named.Where(function => function.Arity == call.Arguments.Count)];
        // A script may have a function of its own by any name; the tapset does not declare again what is built in.
        if (overloads.Count > 0)
            return BindCall(call, overloads, wanted);
        if (BindBuiltIn(call, wanted) is { } builtIn)
            return builtIn;

        foreach (ExpressionSyntax argument in call.Arguments)
            BindValue(argument);
        ReportUnresolved(call, named);
        return new BoundError(call.Span);
    }

    private BoundCall BindCall(CallSyntax call, IReadOnlyList<FunctionDeclaration> overloads, ScriptType wanted)
    {
        FunctionSymbol function = program.UseFunction(overloads, 0, unit.Group);
        List<BoundExpression> arguments = [];
        for (int i = 0; i < call.Arguments.Count; i++)
        {
            LocalSymbol parameter = function.Parameters[i];
            BoundExpression argument = BindValue(call.Arguments[i], parameter.Type);
            if (argument.Type != ScriptType.Unknown)
                _types.Learn(parameter, argument.Type, argument.Span);
            else if (parameter.Type == ScriptType.Unknown)
                WaitFor(parameter);
            else
                Teach(argument, parameter.Type);
            arguments.Add(Known(argument));
        }

        return Call(function, arguments, call.Span, wanted);
    }

    private BoundCall Call(FunctionSymbol function, IReadOnlyList<BoundExpression> arguments, SourceSpan place, ScriptType wanted)
    {
        unit.Callees.Add(function);
        foreach (GlobalSymbol array in _iterated)
            unit.CallsWhileIterating.Add((function, array, place));
        if (function.ReturnType == ScriptType.Unknown)
            _types.Learn(function, wanted, place);
        return new BoundCall(place, function, arguments);
    }

    /// <summary>What has no declaration in the tapset, because it is known to every machine, or to the binder alone.</summary>
    private BoundExpression? BindBuiltIn(CallSyntax call, ScriptType wanted)
    {
        // found && exit(): as functions, these have the value of one that returns nothing.
        if (wanted != ScriptType.Unknown && call.Name is "exit" or "error" or "log" or "warn")
        {
            List<FunctionDeclaration> asFunctions = [.. program.Declarations.FindFunctions(AsFunction + call.Name, _file).Where(function => function.Arity == call.Arguments.Count)];
            if (asFunctions.Count > 0)
                return BindCall(call, asFunctions, wanted);
        }

        switch (call.Name, call.Arguments.Count)
        {
            case ("log", 1):
                return new BoundPrint(call.Span, [StringPiece(call.Arguments[0]), new BoundFormatText("\n")], IsWarning: false);
            case ("warn", 1):
                return new BoundPrint(call.Span, [StringPiece(call.Arguments[0]), new BoundFormatText("\n")], IsWarning: true);
            case ("pp", 0):
                return new BoundTargetText(call.Span, TargetText.Point);
            case ("ppfunc" or "probefunc", 0):
                return new BoundTargetText(call.Span, TargetText.Function);
            case ("pn", 0):
                // What the script says, wildcards resolved; aliases stay as they are.
                return unit.Group is { Probe.AliasName: { } alias } ? new BoundString(call.Span, alias) : new BoundTargetText(call.Span, TargetText.Point);
            case ("tz_gmtoff", 0):
                // Seconds west of Greenwich, as they are while the session starts.
                return new BoundLong(call.Span, -(long)program.Options.TimeZone().GetUtcOffset(DateTime.UtcNow).TotalSeconds);
            case ("tz_name", 0):
                return new BoundString(call.Span, program.TimeZoneName());
        }

        if (Intrinsics.Find(call.Name) is not { } intrinsic)
            return null;
        ScriptType[] parameters = Intrinsics.Get(intrinsic).Parameters;
        if (parameters.Length != call.Arguments.Count)
            return null;
        List<BoundExpression> arguments = [];
        for (int i = 0; i < parameters.Length; i++)
            arguments.Add(Bind(call.Arguments[i], parameters[i]));
        return new BoundIntrinsicCall(call.Span, intrinsic, arguments);
    }

    private BoundFormatConversion StringPiece(ExpressionSyntax value) =>
        new(FormatConversion.String, FormatFlags.None, Width: null, Precision: null, Bind(value, ScriptType.String));

    private void ReportUnresolved(CallSyntax call, IReadOnlyList<FunctionDeclaration> named)
    {
        if (named is [.., var last])
        {
            Diagnostics.Add(new Diagnostic(
                DiagnosticKind.Semantic,
                $"arity mismatch found (function '{call.Name}' takes {last.Arity} args)",
                call.Span,
                Related: [("the function is declared here", last.Syntax.Span)]));
        }
        else if (BuiltInArity(call.Name) is int arity)
        {
            Error($"arity mismatch found (function '{call.Name}' takes {arity} args)", call.Span);
        }
        else if (UnsupportedFunctions.Find(call.Name) is { } unsupported)
        {
            Error(unsupported.Message, call.Span, unsupported.Hint);
        }
        else
        {
            Error($"unresolved function {call.Name}", call.Span, Hints.Nearest(call.Name, program.FunctionNames()));
        }
    }

    private static int? BuiltInArity(string name) => name switch
    {
        "log" or "warn" => 1,
        "pp" or "ppfunc" or "probefunc" or "pn" or "tz_gmtoff" or "tz_name" => 0,
        _ => Intrinsics.Find(name) is { } intrinsic ? Intrinsics.Get(intrinsic).Parameters.Length : null,
    };

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
