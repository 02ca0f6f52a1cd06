using System.Globalization;
using System.Text;
using Virtap.Language.Binding.Bodies;
using Virtap.Language.Binding.Declarations;
using Virtap.Language.Binding.Probes;
using Virtap.Language.Binding.Symbols;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Diagnostics;

namespace Virtap.Language.Binding;

/// <summary>What holds for the program as a whole, and its making.</summary>
internal sealed partial class ProgramBinder
{
    /// <summary>-G gives scalars their first values.</summary>
    private void ApplyGlobalValues()
    {
        foreach ((string name, string value) in Options.GlobalValues)
        {
            if (Declarations.AllGlobals.Find(global => global.Name == name) is not { } global)
            {
                Diagnostics.Semantic($"-G {name}={value}: there is no global '{name}'", null, Hints.Nearest(name, Declarations.AllGlobals.Select(static global => global.Name)));
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
            Diagnostics.Semantic($"-G {global.Name}={text}: '{global.Name}' is a number", global.Span);
        return isNegative ? unchecked(-(long)number) : unchecked((long)number);
    }

    /// <summary>Values of -G whose globals got their types from uses.</summary>
    private void CheckGlobalValues()
    {
        foreach (string name in Options.GlobalValues.Keys)
        {
            if (Declarations.AllGlobals.Find(global => global.Name == name) is not { InitialValue: string value } global)
                continue;
            if (global.IsArray || global.Type == ScriptType.Statistics)
                Diagnostics.Semantic($"-G {name}={value}: '{name}' is {(global.IsArray ? "an array" : "an aggregate")}", global.Span);
            else if (global.Type == ScriptType.Long)
                global.InitialValue = ParseNumber(global, value);
        }
    }

    private void CheckProgram()
    {
        CheckGlobalValues();
        if (_groups.Count == 0)
            Diagnostics.Semantic("no probes found", null);
        foreach (BodyUnit unit in _units)
            CheckCallsWhileIterating(unit);
        if (!Diagnostics.HasErrors)
            WarnOfNeverAssigned();
    }

    private void CheckCallsWhileIterating(BodyUnit unit)
    {
        foreach ((FunctionSymbol callee, GlobalSymbol iterated, SourceSpan place) in unit.CallsWhileIterating)
        {
            if (Changes(callee, iterated))
                Diagnostics.Semantic($"function call modifies var '{iterated.Name}' during 'foreach' iteration", place);
        }
    }

    private bool Changes(FunctionSymbol function, GlobalSymbol array)
    {
        HashSet<FunctionSymbol> reached = [function];
        Stack<FunctionSymbol> open = [];
        open.Push(function);
        while (open.TryPop(out FunctionSymbol? next))
        {
            BodyUnit unit = UnitOf(next);
            if (unit.ChangedArrays.Contains(array))
                return true;
            foreach (FunctionSymbol callee in unit.Callees)
            {
                if (reached.Add(callee))
                    open.Push(callee);
            }
        }

        return false;
    }

    private void WarnOfNeverAssigned()
    {
        foreach (BodyUnit unit in _units)
        {
            foreach (LocalSymbol local in unit.Locals)
            {
                if (local is { IsRead: true, IsWritten: false })
                {
                    IEnumerable<string> others = unit.Locals.Select(static other => other.Name).Concat(UserGlobals.Select(static global => global.Name));
                    Diagnostics.Warning($"never-assigned local variable '{local.Name}'", local.Span, Hints.Nearest(local.Name, others));
                }
            }
        }

        foreach (GlobalSymbol global in UserGlobals)
        {
            if (global is { IsRead: true, IsWritten: false, InitialValue: null })
                Diagnostics.Warning($"never-assigned global variable '{global.Name}'", global.Span);
        }
    }

    private IEnumerable<GlobalSymbol> UserGlobals => Declarations.AllGlobals.Where(static global => !global.IsLibrary);

    private BoundProgram MakeProgram()
    {
        List<GlobalSymbol> globals = Declarations.AllGlobals.FindAll(static global => global.IsRead || global.IsWritten);
        // The tapset's own are no news for a script's user: they are not printed at the end.
        foreach (GlobalSymbol global in globals)
            global.IsRead |= global.IsLibrary;
        return new BoundProgram
        {
            Globals = globals,
            Functions = OrderFunctions(),
            Probes = [.. _groups.Select(MakeProbe)],
        };
    }

    private static BoundProbe MakeProbe(ProbeGroup group) =>
        new(group.Targets, group.Probe.Derivation, group.Probe.Span, group.Unit.Body!, group.Unit.Locals);

    private BodyUnit UnitOf(FunctionSymbol function)
    {
        _unitsByFunction ??= _units.Where(static unit => unit.Function is not null).ToDictionary(static unit => unit.Function!.Symbol);
        return _unitsByFunction[function];
    }

    private Dictionary<FunctionSymbol, BodyUnit>? _unitsByFunction;

    /// <summary>Callees before callers; functions that can come to call themselves are marked.</summary>
    private List<FunctionSymbol> OrderFunctions()
    {
        var order = new FunctionOrder(function => UnitOf(function).Callees);
        foreach (BodyUnit unit in _units)
        {
            if (unit.Function is not { Symbol: var function })
                continue;
            function.Locals = unit.Locals;
            order.Visit(function);
        }

        return order.Functions;
    }
}
