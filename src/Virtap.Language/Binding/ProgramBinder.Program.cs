using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Virtap.Language.Binding.Bodies;
using Virtap.Language.Binding.Elision;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Diagnostics;

namespace Virtap.Language.Binding;

/// <summary>What holds for the program as a whole, and its making.</summary>
internal sealed partial class ProgramBinder
{
    /// <summary>-G gives scalars their first values.</summary>
    private void ApplyGlobalValues()
    {
        foreach ((string name, string value) in _options.GlobalValues)
        {
            if (_declarations.AllGlobals.Find(global => global.Name == name) is not { } global)
            {
                _diagnostics.Semantic(
                    $"-G {name}={value}: there is no global '{name}'", null,
                    Hints.Nearest(name, _declarations.AllGlobals.Select(static global => global.Name)));
                continue;
            }

            // What a global without a declared value is, its uses say.
            global.InitialValue = global.Type == ScriptType.Long ? ParseNumber(global, value) : value;
        }
    }

    private long ParseNumber(GlobalSymbol global, string text)
    {
        ReadOnlySpan<char> digits = text;
        bool isNegative = digits.StartsWith("-");
        if (isNegative)
            digits = digits[1..];
        bool isHexadecimal = digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        bool isNumber = isHexadecimal
            ? ulong.TryParse(digits[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong number)
            : ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number);
        if (!isNumber)
            _diagnostics.Semantic($"-G {global.Name}={text}: '{global.Name}' is a number", global.Span);
        return isNegative ? unchecked(-(long)number) : unchecked((long)number);
    }

    /// <summary>Values of -G whose globals got their types from uses.</summary>
    private void CheckGlobalValues()
    {
        foreach (string name in _options.GlobalValues.Keys)
        {
            if (_declarations.AllGlobals.Find(global => global.Name == name) is not { InitialValue: string value } global)
                continue;
            if (global.IsArray || global.Type == ScriptType.Statistics)
                _diagnostics.Semantic($"-G {name}={value}: '{name}' is {(global.IsArray ? "an array" : "an aggregate")}", global.Span);
            else if (global.Type == ScriptType.Long)
                global.InitialValue = ParseNumber(global, value);
        }
    }

    private void CheckProgram()
    {
        CheckGlobalValues();
        if (_groups.Count == 0)
            _diagnostics.Semantic("no probes found", null);
        foreach (BodyUnit unit in _units)
            CheckCallsWhileIterating(unit);
        if (!_diagnostics.HasErrors)
            WarnOfNeverAssigned();
    }

    private void CheckCallsWhileIterating(BodyUnit unit)
    {
        foreach ((FunctionSymbol callee, GlobalSymbol iterated, SourceSpan span) in unit.CallsWhileIterating)
        {
            if (Changes(callee, iterated))
                _diagnostics.Semantic($"function call modifies var '{iterated.Name}' during 'foreach' iteration", span);
        }
    }

    private bool Changes(FunctionSymbol function, GlobalSymbol array) =>
        FunctionsFrom([function]).Any(reached => UnitOf(reached).ChangedArrays.Contains(array));

    /// <summary>Functions and all that they call, directly or not.</summary>
    private HashSet<FunctionSymbol> FunctionsFrom(IEnumerable<FunctionSymbol> functions)
    {
        HashSet<FunctionSymbol> reached = [.. functions];
        Stack<FunctionSymbol> open = new(reached);
        while (open.TryPop(out FunctionSymbol? next))
        {
            foreach (FunctionSymbol callee in UnitOf(next).Callees)
            {
                if (reached.Add(callee))
                    open.Push(callee);
            }
        }

        return reached;
    }

    private void WarnOfNeverAssigned()
    {
        foreach (BodyUnit unit in _units)
        {
            foreach (LocalSymbol local in unit.Locals)
            {
                if (local is { IsRead: true, IsWritten: false })
                {
                    NeverAssigned.WarnOfLocal(
                        _diagnostics, local.Name, local.Span,
                        [.. unit.Locals.Select(static other => other.Name).Concat(UserGlobals.Select(static global => global.Name))
                            .Where(other => other != local.Name)]);
                }
            }
        }

        foreach (GlobalSymbol global in UserGlobals)
        {
            if (global is { IsRead: true, IsWritten: false, InitialValue: null })
                NeverAssigned.WarnOfGlobal(_diagnostics, global.Name, global.Span, UserGlobals.Select(static other => other.Name));
        }
    }

    private IEnumerable<GlobalSymbol> UserGlobals => _declarations.AllGlobals.Where(static global => !global.IsLibrary);

    private BoundProgram MakeProgram()
    {
        List<GlobalSymbol> globals = _declarations.AllGlobals.FindAll(static global => global.IsRead || global.IsWritten);
        // The tapset's own are no news for a script's user: they are not printed at the end.
        foreach (GlobalSymbol global in globals)
            global.IsRead |= global.IsLibrary;
        return new BoundProgram
        {
            Globals = globals,
            FunctionGroups = OrderFunctions(),
            Probes = [.. _groups.Select(MakeProbe)],
            Counters = _scope.CountersRead,
            Deferred = _scope.Deferred.Diagnostics,
        };
    }

    private static BoundProbe MakeProbe(ProbeGroup group) =>
        new(group.Targets, group.Probe.Derivation, group.Probe.Span, group.Unit.Body!, group.Unit.Locals)
        {
            Condition = group.Unit.Condition,
            AliasName = group.Probe.Of(group.Targets[0]).AliasName,
            Joined = group.Probe.Joined.ToImmutableDictionary(static each => each.Key, static each => each.Value.Derivation),
        };

    private BodyUnit UnitOf(FunctionSymbol function)
    {
        _unitsByFunction ??= _units.Where(static unit => unit.Function is not null).ToDictionary(static unit => unit.Function!.Symbol);
        return _unitsByFunction[function];
    }

    private Dictionary<FunctionSymbol, BodyUnit>? _unitsByFunction;

    /// <summary>Callees before callers; functions that can come to call themselves are marked.</summary>
    private List<IReadOnlyList<FunctionSymbol>> OrderFunctions()
    {
        var order = new FunctionOrder(function => UnitOf(function).Callees);
        HashSet<FunctionSymbol> called = FunctionsFrom(
            _units.Where(static unit => unit.Function is null).SelectMany(static unit => unit.Callees));
        foreach (BodyUnit unit in _units)
        {
            // Overloads behind one that never goes on to the next were bound for their types alone.
            if (unit.Function is not { Symbol: var function } || !called.Contains(function))
                continue;
            function.Locals = unit.Locals;
            order.Visit(function);
        }

        return order.Groups;
    }
}
