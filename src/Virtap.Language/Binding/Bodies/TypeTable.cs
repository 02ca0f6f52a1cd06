using Virtap.Language.Binding.Tree;
using Virtap.Language.Diagnostics;

namespace Virtap.Language.Binding.Bodies;

/// <summary>
/// Learns the types of variables, arrays and functions from their uses, and reports uses that contradict each other with both places.
/// </summary>
internal sealed class TypeTable(DiagnosticBag diagnostics)
{
    private readonly Dictionary<object, HashSet<BodyUnit>> _waiting = [];

    /// <summary>Whether anything was learned since this was last set to false.</summary>
    public bool HasLearned { get; set; }

    /// <summary>Bodies that use something about which more was learned.</summary>
    public Queue<BodyUnit> Woken { get; } = [];

    /// <summary>A type as SystemTap writes it.</summary>
    public static string Name(ScriptType type) => type switch
    {
        ScriptType.Long => "long",
        ScriptType.String => "string",
        ScriptType.Statistics => "stats",
        ScriptType.Unknown => "unknown",
    };

    /// <summary>A body uses a symbol whose type is not known: it is bound again when that is learned.</summary>
    public void Wait(object symbol, BodyUnit unit)
    {
        if (!_waiting.TryGetValue(symbol, out HashSet<BodyUnit>? units))
            _waiting.Add(symbol, units = []);
        units.Add(unit);
    }

    /// <summary>A variable is used as something of this type.</summary>
    public void Learn(VariableSymbol variable, ScriptType type, SourceSpan span)
    {
        if (type == ScriptType.Unknown || variable.Type == type)
            return;
        if (type == ScriptType.Statistics && variable is LocalSymbol)
        {
            diagnostics.Semantic("invalid type stats", span, Hints.Aggregate);
            return;
        }

        if (variable is LocalSymbol { IsParameter: true, TypeSpan: null, Type: not ScriptType.Unknown })
        {
            // The declaration says so.
            ReportMismatch(type, variable.Type, span);
            return;
        }

        if (variable is GlobalSymbol { InitialValue: not null, TypeSpan: null, Type: not ScriptType.Unknown })
        {
            ReportMismatch(type, variable.Type, span);
            return;
        }

        if (variable.Type != ScriptType.Unknown)
        {
            // SystemTap numbers what a function takes as it does the indices of an array.
            ReportConflict(type, span, variable.Type, variable.TypeSpan ?? variable.Span, (variable as LocalSymbol)?.ParameterIndex);
            return;
        }

        variable.Type = type;
        variable.TypeSpan = span;
        Wake(variable);
    }

    /// <summary>A function's result is used, or made, as something of this type.</summary>
    public void Learn(FunctionSymbol function, ScriptType type, SourceSpan span)
    {
        if (type == ScriptType.Unknown || function.ReturnType == type)
            return;
        if (type == ScriptType.Statistics)
        {
            diagnostics.Semantic("invalid type stats", span, Hints.Aggregate);
            return;
        }

        if (function.ReturnType != ScriptType.Unknown)
        {
            ReportConflict(type, span, function.ReturnType, function.ReturnSpan ?? function.Span);
            return;
        }

        function.ReturnType = type;
        function.ReturnSpan = span;
        Wake(function);
    }

    /// <summary>An index of an array is used as something of this type.</summary>
    public void LearnKey(GlobalSymbol array, int key, ScriptType type, SourceSpan span)
    {
        ScriptType known = array.KeyTypes![key];
        if (type == ScriptType.Unknown || known == type)
            return;
        if (type == ScriptType.Statistics)
        {
            diagnostics.Semantic("invalid type stats", span, Hints.Aggregate);
            return;
        }

        if (known != ScriptType.Unknown)
        {
            ReportConflict(type, span, known, array.KeySpan(key) ?? array.Span, key);
            return;
        }

        array.SetKeyType(key, type, span);
        Wake(array);
    }

    /// <summary>A global is used with so many indices.</summary>
    /// <returns>Whether it can be.</returns>
    public bool LearnArity(GlobalSymbol global, int arity, SourceSpan span)
    {
        if (global.Arity is null)
        {
            if (arity == 0 && (global.Size is not null || global.Wraps))
            {
                // Once, at the declaration, as SystemTap does: whatever comes after is that of a scalar.
                string what = global.Wraps ? "wrapping not supported for scalars" : "inconsistent arity";
                diagnostics.Semantic(what, global.Span, $"'{global.Name}' is declared as an array");
                global.SetArity(arity, span);
                return false;
            }

            global.SetArity(arity, span);
            return true;
        }

        if (global.Arity == arity)
            return true;
        diagnostics.Add(new Diagnostic(
            DiagnosticKind.Semantic,
            $"inconsistent arity ({global.Arity} vs {arity})",
            span,
            Related: [($"arity {global.Arity} first inferred here", global.AritySpan)]));
        return false;
    }

    /// <summary>A parameter whose type is not known is given something of this type.</summary>
    public void LearnFromCall(LocalSymbol parameter, ScriptType type, SourceSpan span)
    {
        parameter.IsTypedByCall = true;
        Learn(parameter, type, span);
    }

    /// <summary>A function uses a parameter as something else than what it is given.</summary>
    public void ReportMisuse(LocalSymbol parameter, SourceSpan use, ScriptType given, SourceSpan span) =>
        ReportConflict(parameter.Type, use, given, span, parameter.ParameterIndex);

    /// <summary>A variable of one type is used as if it had another.</summary>
    public void ReportMismatch(VariableSymbol variable, ScriptType type, SourceSpan span) =>
        ReportConflict(type, span, variable.Type, variable.TypeSpan ?? variable.Span);

    /// <summary>A value of one type stands where another is needed.</summary>
    public void ReportMismatch(ScriptType expected, ScriptType found, SourceSpan span) =>
        diagnostics.Semantic($"type mismatch: expected {Name(expected)} but found {Name(found)}", span);

    /// <summary>A function that has a value goes without one here.</summary>
    public void ReportNoValue(FunctionSymbol function, SourceSpan span) =>
        ReportConflict(ScriptType.Unknown, span, function.ReturnType, function.ReturnSpan ?? function.Span);

    private void Wake(object symbol)
    {
        HasLearned = true;
        if (!_waiting.Remove(symbol, out HashSet<BodyUnit>? units))
            return;
        foreach (BodyUnit unit in units)
            Woken.Enqueue(unit);
    }

    private void ReportConflict(ScriptType type, SourceSpan span, ScriptType known, SourceSpan knownSpan, int? index = null)
    {
        (string what, string whose) = index is int at ? ($"index {at} type", $"type of index {at}") : ("type", "type");
        diagnostics.Add(new Diagnostic(
            DiagnosticKind.Semantic,
            $"{what} mismatch ({Name(type)})",
            span,
            Related: [($"{whose} was first inferred here ({Name(known)})", knownSpan)]));
    }
}
