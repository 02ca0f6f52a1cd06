using Virtap.Language.Binding.Probes;
using Virtap.Language.Binding.Targets;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Diagnostics;
using Virtap.Language.Library;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Binding.Bodies;

/// <summary>What a handler reads from the program that it traces.</summary>
internal sealed partial class BodyBinder
{
    private const string Unresolved = "unresolved target-symbol expression";

    private const string EntryElsewhere = "@entry is only valid in .return probes";

    /// <summary>What a target expression comes to: a value, or why there is none.</summary>
    private readonly record struct TargetResult(BoundExpression? Value, string? Problem = null, string? Hint = null)
    {
        /// <summary>Where on the way it is missing; null: the expression says.</summary>
        public SourceSpan? Place { get; init; }
    }

    private BoundExpression BindTarget(ExpressionSyntax expression)
    {
        TargetResult result = ResolveTarget(expression);
        if (result.Value is { } value)
            return value;
        // A target may lack what a branch asks for that is never taken.
        if (_dead > 0)
            return new BoundError(expression.Span);
        if (program.SkipsBadVariables && expression is TargetSyntax or AddressOfSyntax { Operand: TargetSyntax })
        {
            Diagnostics.Warning("Bad $context variable being substituted with literal 0", expression.Span);
            return new BoundLong(expression.Span, 0);
        }

        SourceSpan place = result.Place ?? SpanOf(expression);
        if (result.Problem == EntryElsewhere && unit.Group is { } group)
        {
            Diagnostics.Add(new Diagnostic(
                DiagnosticKind.Semantic, $"while processing probe {group.Targets[0].Point}{Origin(group.Probe)}", null, result.Hint,
                [($"internal error: {EntryElsewhere}", place)]));
        }
        else
        {
            Error(result.Problem!, place, result.Hint);
        }

        return new BoundError(expression.Span);
    }

    /// <summary>What the script calls the point, where that is not what it stands for.</summary>
    private static string Origin(ProbeInstance probe) => probe.Targets[0].Point == probe.Derivation ? "" : $" from: {probe.Derivation}";

    /// <summary>Whether all that an expression asks of the target is there: <c>@defined</c>.</summary>
    private bool IsDefined(ExpressionSyntax expression)
    {
        // What only an address is taken of needs no value.
        HashSet<SyntaxNode> addressed = [];
        return !SyntaxWalk.Any(expression, node =>
        {
            if (node is AddressOfSyntax { Operand: var operand })
                addressed.Add(operand);
            return node is TargetSyntax or AtVarSyntax or AtCastSyntax or AutocastSyntax or AddressOfSyntax or AtOperatorSyntax
                && !addressed.Contains(node) && ResolveTarget((ExpressionSyntax)node).Value is null;
        });
    }

    private TargetResult ResolveTarget(ExpressionSyntax expression) => expression switch
    {
        TargetSyntax target => ResolveVariable(target),
        AtCastSyntax or AtVarSyntax or AutocastSyntax => ValueOf(expression, Reference(expression)),
        AddressOfSyntax address => ResolveAddress(address),
        AtOperatorSyntax other => ResolveOperator(other),
        _ => throw new InvalidOperationException($"no such target expression: {expression.GetType().Name}"),
    };

    private static TargetResult NeedsTypes(string what) =>
        new(null, $"nothing says what {what} is", Hints.TypesOfTarget);

    private TargetResult ResolveVariable(TargetSyntax target)
    {
        // Only what asks nothing of its probe is bound without one.
        if (unit.Group is not { } group)
            return new TargetResult(null, Unresolved);
        if (group.Probe.Entries.GetValueOrDefault(target) is { } kept)
            return new TargetResult(BindValue(kept));
        if (ExchangedText(target) is { } exchanged)
            return new TargetResult(BindName(exchanged));
        if (target.Accesses is [not PrettyAccessSyntax and var access, ..])
        {
            return IsContextVariable(target) && group.Variables.AreKnown
                ? new TargetResult(null, $"dwarf variable '${target.Name}' may not be used as a structure") { Place = access.Span }
                : ValueOf(target, Reference(target));
        }

        int depth = DepthOf(target);
        return target.Name switch
        {
            "$vars" => ResolveAll(target, group, depth, static _ => true),
            "$parms" => ResolveAll(target, group, depth, static variable => variable.IsParameter),
            "$locals" => ResolveAll(target, group, depth, static variable => !variable.IsParameter),
            "$return" => ResolveReturn(target, group, depth),
            "$name" => group.HasMarkName ? new TargetResult(new BoundTargetText(target.Span, TargetText.MarkName)) : NoText(target, group),
            "$provider" =>
                group.HasProvider ? new TargetResult(new BoundTargetText(target.Span, TargetText.Provider)) : NoText(target, group),
            _ => ValueOf(target, Reference(target)),
        };
    }

    /// <summary>Whether it is the text of several variables: <c>$$vars</c> and its like.</summary>
    private static bool IsContextVariable(TargetSyntax target) => target.Name is "$vars" or "$parms" or "$locals" or "$return";

    /// <summary>The variable that a text of the target's goes by; null where it is none.</summary>
    private NameSyntax? ExchangedText(TargetSyntax target)
    {
        if (target.Accesses.Count > 0 || unit.Group?.Targets[0].TextOf(target.Name) is not { } name)
            return null;
        program.Declarations.AddExchanged(name, target.Span);
        return new NameSyntax(target.Span, name);
    }

    private static TargetResult NoText(TargetSyntax target, ProbeGroup group) =>
        new(null, Unresolved, $"${target.Name} is known at marks; {group.Targets[0].Point} is none");

    /// <summary><c>$$vars</c> and its like: <c>label=value</c> for each variable, a question mark for what cannot be read.</summary>
    private TargetResult ResolveAll(TargetSyntax target, ProbeGroup group, int depth, Func<TargetVariable, bool> isAsked)
    {
        if (group.Targets[0].WhyNoText(target.Name) is { } why)
            return new TargetResult(null, why);
        TargetVariables variables = group.Variables;
        if (!variables.AreKnown)
            return new TargetResult(null, Unresolved, $"{group.Targets[0].Point} has no target variables");

        List<BoundFormatPiece> pieces = [];
        foreach (TargetVariable variable in variables.List)
        {
            if (!isAsked(variable))
                continue;
            pieces.Add(new BoundFormatText($"{(pieces.Count > 0 ? " " : "")}{variable.Label}="));
            AddValue(pieces, target, variable.Name, variable.Lookup, depth);
        }

        return new TargetResult(new BoundFormat(target.Span, pieces));
    }

    /// <summary><c>$$return</c>: nothing where nothing is returned; before the end of a function there is no such variable.</summary>
    private TargetResult ResolveReturn(TargetSyntax target, ProbeGroup group, int depth)
    {
        const string name = "return";
        if (group.Find("$" + name) is { Missing: not null } beforeTheEnd)
            return ValueOf(target, new TargetReference("$$" + name, beforeTheEnd, []));
        TargetLookup lookup = group.Find(name);
        if (lookup is { Source: null, Problem: null })
            return new TargetResult(new BoundString(target.Span, ""));
        List<BoundFormatPiece> pieces = [new BoundFormatText("return=")];
        AddValue(pieces, target, name, lookup, depth);
        return new TargetResult(new BoundFormat(target.Span, pieces));
    }

    private TargetResult ResolveOperator(AtOperatorSyntax operation)
    {
        switch (operation.Name)
        {
            case "uderef":
                return ResolveDereference(operation);
            case "probewrite":
                return ResolveProbeWrite(operation);
            case "uregister":
                return new TargetResult(
                    new BoundBuiltInCall(operation.Span, BuiltIns.Register, [Bind(operation.Arguments[0], ScriptType.Long)]));
            case "entry" when unit.Group?.Probe.Entries.GetValueOrDefault(operation) is { } kept:
                return new TargetResult(BindValue(kept));
            case "entry":
                return new TargetResult(null, EntryElsewhere);
            case "enum" when operation.Arguments is [StringSyntax name]:
                return ResolveConstant(operation, name.Value);
            case "kderef" or "kregister":
                return new TargetResult(null, $"@{operation.Name} is not supported", "Virtap looks at programs, not at the kernel");
            case "perf" when operation.Arguments is [StringSyntax name]:
                return ResolveCounter(operation, name.Value);
            case "const" when operation.Arguments is [StringSyntax name]:
                return ResolveHeaderConstant(operation, name.Value);
            case "errno":
                return new TargetResult(
                    null, "@errno is not supported", "where a function or a call returns, errno_str(-returnval()) names its error");
            default:
                return new TargetResult(null, $"@{operation.Name} is not supported");
        }
    }

    /// <summary><c>@enum("NAME")</c>.</summary>
    private TargetResult ResolveConstant(AtOperatorSyntax operation, string name) =>
        unit.Group?.FindConstant(name) is long value
            ? new TargetResult(new BoundLong(operation.Span, value))
            : new TargetResult(null, $"unable to find enumerator '{name}'", "the program's debug information knows its enumerations");

    /// <summary><c>@const("NAME")</c>: what C's headers would say, as far as it is known without them.</summary>
    private TargetResult ResolveHeaderConstant(AtOperatorSyntax operation, string name) =>
        (unit.Group?.FindConstant(name) ?? HeaderConstants.Find(name)) is long value
            ? new TargetResult(new BoundLong(operation.Span, value))
            : new TargetResult(
                null, $"constant '{name}' is not known",
                "headers are not compiled: known are error numbers, flags of system calls, and the program's own enumerators");

    /// <summary><c>@perf("NAME")</c>.</summary>
    private TargetResult ResolveCounter(AtOperatorSyntax operation, string name)
    {
        if (!program.Counters.TryGetValue(name, out ProbeTarget? counter))
        {
            return new TargetResult(
                null, $"perf counter '{name}' not defined", $"declare it: probe perf.sw.cpu_clock.process.counter(\"{name}\") {{ }}");
        }

        if (unit.Group is not { Targets: var targets } || !targets.TrueForAll(static target => target.CanCount))
            return new TargetResult(null, "@perf is only valid in probes of a program's code", "process.function, .statement, .mark");
        int number = program.CountersRead.IndexOf(counter);
        if (number < 0)
        {
            number = program.CountersRead.Count;
            program.CountersRead.Add(counter);
        }

        return new TargetResult(
            new BoundBuiltInCall(operation.Span, BuiltIns.PerfReading, [new BoundLong(operation.Span, number)]));
    }

    /// <summary><c>@uderef(size, address)</c>: so many bytes of the program's memory as a number without a sign.</summary>
    private TargetResult ResolveDereference(AtOperatorSyntax operation)
    {
        if (operation.Arguments is not [NumberSyntax size, var address])
            return new TargetResult(null, "@uderef needs a size and an address");
        return BuiltIns.ReadingOf(size.Value, isSigned: false) is { } reading
            ? new TargetResult(new BoundBuiltInCall(operation.Span, reading, [Bind(address, ScriptType.Long)]))
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
