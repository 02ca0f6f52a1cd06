using Virtap.Language.Binding.Bodies;
using Virtap.Language.Binding.Symbols;
using Virtap.Language.Diagnostics;

namespace Virtap.Language.Binding;

/// <summary>Learns the types of variables, arrays and functions from their uses, and reports uses that contradict each other with both places.</summary>
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
        _ => "unknown",
    };

    /// <summary>A body uses a symbol whose type is not known: it is bound again when that is learned.</summary>
    public void Wait(object symbol, BodyUnit unit)
    {
        if (!_waiting.TryGetValue(symbol, out HashSet<BodyUnit>? units))
            _waiting.Add(symbol, units = []);
        units.Add(unit);
    }

    /// <summary>A variable is used as something of this type.</summary>
    public void Learn(VariableSymbol variable, ScriptType type, SourceSpan place)
    {
        if (type == ScriptType.Unknown || variable.Type == type)
            return;
        if (type == ScriptType.Statistics && variable is LocalSymbol)
        {
            diagnostics.Semantic("invalid type stats", place, Hints.Aggregate);
            return;
        }

        if (variable.Type != ScriptType.Unknown)
        {
            ReportConflict(type, place, variable.Type, variable.TypePlace ?? variable.Span);
            return;
        }

        variable.Type = type;
        variable.TypePlace = place;
        Wake(variable);
    }

    /// <summary>A function's result is used, or made, as something of this type.</summary>
    public void Learn(FunctionSymbol function, ScriptType type, SourceSpan place)
    {
        if (type == ScriptType.Unknown || function.ReturnType == type)
            return;
        if (type == ScriptType.Statistics)
        {
            diagnostics.Semantic("invalid type stats", place, Hints.Aggregate);
            return;
        }

        if (function.ReturnType != ScriptType.Unknown)
        {
            ReportConflict(type, place, function.ReturnType, function.ReturnPlace ?? function.Span);
            return;
        }

        function.ReturnType = type;
        function.ReturnPlace = place;
        Wake(function);
    }

    /// <summary>An index of an array is used as something of this type.</summary>
    public void LearnKey(GlobalSymbol array, int key, ScriptType type, SourceSpan place)
    {
        ScriptType known = array.KeyTypes![key];
        if (type == ScriptType.Unknown || known == type)
            return;
        if (type == ScriptType.Statistics)
        {
            diagnostics.Semantic("invalid type stats", place, Hints.Aggregate);
            return;
        }

        if (known != ScriptType.Unknown)
        {
            diagnostics.Add(new Diagnostic(
                DiagnosticKind.Semantic,
                $"index {key} type mismatch ({Name(type)})",
                place,
                Related: [($"type of index {key} was first inferred here ({Name(known)})", array.KeyPlace(key) ?? array.Span)]));
            return;
        }

        array.SetKeyType(key, type, place);
        Wake(array);
    }

    /// <summary>A global is used with so many indices.</summary>
    /// <returns>Whether it can be.</returns>
    public bool LearnArity(GlobalSymbol global, int arity, SourceSpan place)
    {
        if (global.Arity is null)
        {
            if (arity == 0 && (global.Size is not null || global.Wraps))
            {
                diagnostics.Semantic("inconsistent arity", place, $"'{global.Name}' is declared as an array");
                return false;
            }

            global.SetArity(arity, place);
            return true;
        }

        if (global.Arity == arity)
            return true;
        diagnostics.Add(new Diagnostic(
            DiagnosticKind.Semantic,
            $"inconsistent arity ({global.Arity} vs {arity})",
            place,
            Related: [($"arity {global.Arity} first inferred here", global.ArityPlace)]));
        return false;
    }

    /// <summary>A value of one type stands where another is needed.</summary>
    public void ReportMismatch(ScriptType expected, ScriptType found, SourceSpan place) =>
        diagnostics.Semantic($"type mismatch: expected {Name(expected)} but found {Name(found)}", place);

    private void Wake(object symbol)
    {
        HasLearned = true;
        if (!_waiting.Remove(symbol, out HashSet<BodyUnit>? units))
            return;
        foreach (BodyUnit unit in units)
            Woken.Enqueue(unit);
    }

    private void ReportConflict(ScriptType type, SourceSpan place, ScriptType known, SourceSpan knownPlace) => diagnostics.Add(new Diagnostic(
        DiagnosticKind.Semantic,
        $"type mismatch ({Name(type)})",
        place,
        Related: [($"type was first inferred here ({Name(known)})", knownPlace)]));
}
