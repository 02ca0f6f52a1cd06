using Virtap.Language.Binding.Probes;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Diagnostics;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Binding.Bodies;

/// <summary>What a handler reads from the program that it traces.</summary>
internal sealed partial class BodyBinder
{
    private const string Unresolved = "unresolved target-symbol expression";

    /// <summary>What a target expression comes to: a value, or why there is none.</summary>
    private readonly record struct TargetResult(BoundExpression? Value, string? Problem = null, string? Hint = null);

    private BoundExpression BindTarget(ExpressionSyntax expression)
    {
        TargetResult result = ResolveTarget(expression);
        if (result.Value is { } value)
            return value;
        Error(result.Problem!, expression.Span, result.Hint);
        return new BoundError(expression.Span);
    }

    /// <summary>Whether all that an expression asks of the target is there: <c>@defined</c>.</summary>
    private bool IsDefined(ExpressionSyntax expression) => !SyntaxWalk.Any(expression, node => node switch
    {
        TargetSyntax or AtVarSyntax or AtCastSyntax or AutocastSyntax or AddressOfSyntax or AtOperatorSyntax => ResolveTarget((ExpressionSyntax)node).Value is null,
        _ => false,
    });

    private TargetResult ResolveTarget(ExpressionSyntax expression) => expression switch
    {
        TargetSyntax target => ResolveVariable(target),
        AtCastSyntax => NeedsTypes("@cast"),
        AtVarSyntax => NeedsTypes("@var"),
        AutocastSyntax => NeedsTypes("->"),
        AddressOfSyntax => NeedsTypes("the address of a target variable"),
        AtOperatorSyntax other => ResolveOperator(other),
        _ => throw new InvalidOperationException($"no such target expression: {expression.GetType().Name}"),
    };

    private static TargetResult NeedsTypes(string what) => new(null, $"{what} needs debuginfo types, which is not supported yet", Hints.TypesOfTarget);

    private TargetResult ResolveVariable(TargetSyntax target)
    {
        // Only what asks nothing of its probe is bound without one.
        if (unit.Group is not { } group)
            return new TargetResult(null, Unresolved);
        foreach (TargetAccessSyntax access in target.Accesses)
        {
            if (access is not PrettyAccessSyntax)
                return NeedsTypes(access is MemberAccessSyntax member ? $"${target.Name}->{member.Name}" : $"${target.Name}[]");
        }

        bool isPretty = target.Accesses.Count > 0;
        return target.Name switch
        {
            "$vars" => ResolveAll(target, group, isPretty, static _ => true),
            "$parms" => ResolveAll(target, group, isPretty, static variable => variable.IsParameter),
            "$locals" => ResolveAll(target, group, isPretty, static variable => !variable.IsParameter),
            "$return" => ResolveReturn(target, group, isPretty),
            "$name" => group.HasMarkName ? new TargetResult(new BoundTargetText(target.Span, TargetText.MarkName)) : NoText(target, group),
            "$provider" => group.HasProvider ? new TargetResult(new BoundTargetText(target.Span, TargetText.Provider)) : NoText(target, group),
            _ => ResolveVariable(target, group, isPretty),
        };
    }

    private static TargetResult NoText(TargetSyntax target, ProbeGroup group) =>
        new(null, Unresolved, $"${target.Name} is known at marks; {group.Targets[0].Point} is none");

    private TargetResult ResolveVariable(TargetSyntax target, ProbeGroup group, bool isPretty)
    {
        TargetLookup lookup = group.Find(target.Name);
        if (lookup.Source is { } source)
        {
            var value = new BoundTarget(target.Span, target.Name, source);
            if (!isPretty)
                return new TargetResult(value);
            return Pretty(value) is { } pieces
                ? new TargetResult(new BoundFormat(target.Span, pieces))
                : NeedsTypes($"${target.Name}$");
        }

        if (lookup.Problem is { } problem)
            return new TargetResult(null, $"cannot read target variable '${target.Name}': {problem}", $"@defined(${target.Name}) tells a script whether it can be read");
        return new TargetResult(null, $"unable to find target variable '${target.Name}'", WhatThereIs(target.Name, group));
    }

    private static string WhatThereIs(string name, ProbeGroup group)
    {
        // Words for people, so that this is no question of the body's.
        List<string> names = [.. group.Targets[0].Variables.Where(static variable => variable.Lookup.Source is not null).Select(static variable => "$" + variable.Name)];
        if (names.Count == 0)
            return $"{group.Targets[0].Point} has no target variables";
        string there = $"there {(names.Count == 1 ? "is" : "are")} {string.Join(' ', names)}";
        return Hints.Nearest("$" + name, names) is { } nearest ? $"{nearest} {there}" : there;
    }

    /// <summary><c>$$vars</c> and its like: <c>label=value</c> for each variable, a question mark for what cannot be read.</summary>
    private TargetResult ResolveAll(TargetSyntax target, ProbeGroup group, bool isPretty, Func<TargetVariable, bool> isAsked)
    {
        IReadOnlyList<TargetVariable> variables = group.Variables;
        if (variables.Count == 0 && !group.HasMarkName)
            return new TargetResult(null, Unresolved, $"{group.Targets[0].Point} has no target variables");

        List<BoundFormatPiece> pieces = [];
        foreach (TargetVariable variable in variables)
        {
            if (!isAsked(variable))
                continue;
            pieces.Add(new BoundFormatText($"{(pieces.Count > 0 ? " " : "")}{variable.Label}="));
            AddValue(pieces, target, variable.Name, variable.Lookup, isPretty);
        }

        return new TargetResult(new BoundFormat(target.Span, pieces));
    }

    /// <summary><c>$$return</c>: nothing where nothing is returned.</summary>
    private TargetResult ResolveReturn(TargetSyntax target, ProbeGroup group, bool isPretty)
    {
        const string name = "return";
        TargetLookup lookup = group.Find(name);
        if (lookup == TargetLookup.Unknown)
            return new TargetResult(new BoundString(target.Span, ""));
        List<BoundFormatPiece> pieces = [new BoundFormatText("return=")];
        AddValue(pieces, target, name, lookup, isPretty);
        return new TargetResult(new BoundFormat(target.Span, pieces));
    }

    private void AddValue(List<BoundFormatPiece> pieces, TargetSyntax target, string name, TargetLookup lookup, bool isPretty)
    {
        if (lookup.Source is not { } source)
        {
            pieces.Add(new BoundFormatText("?"));
            return;
        }

        var value = new BoundTarget(target.Span, name, source);
        if (isPretty && Pretty(value) is { } pretty)
            pieces.AddRange(pretty);
        else
            pieces.Add(Piece(FormatConversion.Hexadecimal, value, FormatFlags.Alternate));
    }

    /// <summary><c>$x$</c>: a value as its C type says; null where that is not known, or has parts.</summary>
    private List<BoundFormatPiece>? Pretty(BoundTarget value) => TargetTypes.Classify(value.Source.CType) switch
    {
        TargetTypeKind.CharPointer => [new BoundFormatText("\""), Piece(FormatConversion.String, StringAt(value)), new BoundFormatText("\"")],
        TargetTypeKind.Pointer => [Piece(FormatConversion.Pointer, value)],
        TargetTypeKind.Character => [new BoundFormatText("'"), Piece(FormatConversion.Character, value, FormatFlags.Alternate), new BoundFormatText("'")],
        TargetTypeKind.Signed => [Piece(FormatConversion.Signed, value)],
        TargetTypeKind.Unsigned => [Piece(FormatConversion.Unsigned, value)],
        _ => null,
    };

    private static BoundFormatConversion Piece(FormatConversion conversion, BoundExpression value, FormatFlags flags = FormatFlags.None) =>
        new(conversion, flags, Width: null, Precision: null, value);

    /// <summary>The string at an address, through the tapset's function that does not fail where there is none.</summary>
    private BoundCall StringAt(BoundTarget address)
    {
        const string function = "user_string";
        SourceSpan place = address.Span;
        var overloads = program.Declarations.FindFunctions(function, _file).Where(static overload => overload.Arity == 2 && overload.File.IsLibrary).ToList();
        return Call(program.UseFunction(overloads, 0, unit.Group), [address, new BoundString(place, "<unknown>")], place, ScriptType.String);
    }

    private TargetResult ResolveOperator(AtOperatorSyntax operation)
    {
        switch (operation.Name)
        {
            case "uderef":
                return ResolveDereference(operation);
            case "probewrite":
                return ResolveProbeWrite(operation);
            case "enum" or "enumname":
                return NeedsTypes("@" + operation.Name);
            case "kderef" or "kregister":
                return new TargetResult(null, $"@{operation.Name} is not supported", "Virtap looks at programs, not at the kernel");
            case "const":
                return new TargetResult(null, "@const is not supported", Hints.EmbeddedCode);
            default:
                return new TargetResult(null, $"@{operation.Name} is not supported yet");
        }
    }

    /// <summary><c>@uderef(size, address)</c>: so many bytes of the program's memory as a number without a sign.</summary>
    private TargetResult ResolveDereference(AtOperatorSyntax operation)
    {
        if (operation.Arguments is not [NumberSyntax size, var address])
            return new TargetResult(null, "@uderef needs a size and an address");
        Intrinsic? intrinsic = size.Value switch
        {
            1 => Intrinsic.UserUint8,
            2 => Intrinsic.UserUint16,
            4 => Intrinsic.UserUint32,
            8 => Intrinsic.UserInt64,
            _ => null,
        };
        return intrinsic is { } known
            ? new TargetResult(new BoundIntrinsicCall(operation.Span, known, [Bind(address, ScriptType.Long)]))
            : new TargetResult(null, "@uderef reads 1, 2, 4 or 8 bytes");
    }

    /// <summary><c>@probewrite(x)</c> in an alias: whether the body of the probe that uses it assigns to x.</summary>
    private TargetResult ResolveProbeWrite(AtOperatorSyntax operation)
    {
        if (unit.Group is not { Probe: { AliasName: not null, OwnBody: var body } })
            return new TargetResult(null, "unexpected @probewrite", "it is for probe aliases");
        string? name = (operation.Arguments is [var variable] ? variable : null) switch
        {
            NameSyntax local => local.Name,
            TargetSyntax target => "$" + target.Name,
            _ => null,
        };
        bool isWritten = SyntaxWalk.Any(body, node => node switch
        {
            AssignmentSyntax assignment => IsNamed(assignment.Target, name),
            IncrementSyntax increment => IsNamed(increment.Operand, name),
            _ => false,
        });
        return new TargetResult(new BoundLong(operation.Span, isWritten ? 1 : 0));
    }

    private static bool IsNamed(ExpressionSyntax expression, string? name) => expression switch
    {
        NameSyntax variable => variable.Name == name,
        TargetSyntax target => "$" + target.Name == name,
        _ => false,
    };
}
