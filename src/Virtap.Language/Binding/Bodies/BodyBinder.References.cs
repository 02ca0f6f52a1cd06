using Virtap.Language.Binding.Targets;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Diagnostics;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Binding.Bodies;

/// <summary>
/// Ways into the traced program's data: a variable, a cast or a script's own pointer, and the members and elements behind it. Who answers
/// for the targets is asked step by step.
/// </summary>
internal sealed partial class BodyBinder
{
    /// <summary>How far a way has led.</summary>
    /// <param name="Name">As the script has it, <c>$x->y</c>.</param>
    /// <param name="Lookup">What is there.</param>
    /// <param name="Operands">The script's own numbers that the way needs.</param>
    /// <param name="End">Where it ends before its time; null where it begins.</param>
    private readonly record struct TargetReference(
        string Name, TargetLookup Lookup, List<BoundExpression> Operands, SourceSpan? End = null);

    /// <summary>Follows a way to its end; pretty printing is no step of it.</summary>
    private TargetReference Reference(ExpressionSyntax expression)
    {
        List<BoundExpression> operands = [];
        return expression switch
        {
            TargetSyntax target => Follow("$" + target.Name, FindTarget(target.Name), operands, target.Accesses),
            AtVarSyntax variable => Follow(
                $"@var(\"{variable.Name}\")", FindGlobal(variable, operands), operands, variable.Accesses),
            AtCastSyntax cast => Follow(
                $"@cast(\"{cast.Type}\")", FindCast(cast, operands), operands, cast.Accesses),
            AutocastSyntax pointer => Follow(
                "pointer", FindPointee(Bind(pointer.Operand, ScriptType.Long), operands), operands, pointer.Accesses),
            _ => throw new InvalidOperationException($"{expression.GetType().Name} leads into no program"),
        };
    }

    private TargetLookup FindTarget(string name)
    {
        if (unit.Group is not { } group)
            return TargetLookup.None(Unresolved);
        TargetLookup lookup = group.Find(name);
        return lookup == TargetLookup.Unknown
            ? TargetLookup.None(
                group.Targets[0].Variables.Count == 0 ? Unresolved : $"unable to find target variable '${name}'", WhatThereIs(name, group))
            : lookup;
    }

    private TargetLookup FindGlobal(AtVarSyntax variable, List<BoundExpression> operands)
    {
        if (unit.Group is not { HasVariables: true } && variable.Module is null)
            return TargetLookup.None("unresolved @var() expression", Hints.TypesOfTarget);
        TargetLookup lookup = unit.Group?.FindGlobal(variable.Name, variable.Module) ?? TargetLookup.Unknown;
        if (lookup.Image is { } image)
            operands.Add(Bind(BiasOf(image, variable.Span), ScriptType.Long));
        return lookup == TargetLookup.Unknown
            ? TargetLookup.None($"unable to find global '{variable.Name}'", Hints.TypesOfTarget) : lookup;
    }

    /// <summary>How far a process has moved a file: the tapset's images.stp finds it.</summary>
    private static CallSyntax BiasOf(LoadedImage image, SourceSpan span) => new(
        span, "__image_bias",
        [
            new StringSyntax(span, image.Path), new NumberSyntax(span, image.Inode), new NumberSyntax(span, image.Device),
            new NumberSyntax(span, image.Dynamic),
        ]);

    private TargetLookup FindCast(AtCastSyntax cast, List<BoundExpression> operands)
    {
        operands.Add(Bind(cast.Operand, ScriptType.Long));
        if (unit.Group is not { } group)
            return TargetLookup.None(Unresolved);
        TargetLookup lookup = group.FindType(cast.Type, cast.Module);
        return lookup == TargetLookup.Unknown
            ? TargetLookup.None($"type definition '{cast.Type}' not found in '{cast.Module}'", Hints.TypesOfTarget) : lookup;
    }

    private static TargetLookup FindPointee(BoundExpression pointer, List<BoundExpression> operands)
    {
        operands.Add(pointer);
        return PointeeOf(pointer) is { } pointee
            ? new TargetLookup(pointee, null)
            : TargetLookup.None("unknown type in dereference", "a variable points to what was assigned to it: p = $x, or use @cast");
    }

    /// <summary>What a number of the script points to, by what it was made of; null where nothing says so.</summary>
    private static TargetSource? PointeeOf(BoundExpression value) => value switch
    {
        BoundTarget target => target.Source.OfOperand,
        BoundVariable { Symbol: var symbol } => symbol.Pointee,
        BoundAssignment assignment => PointeeOf(assignment.Value),
        BoundConditional conditional => PointeeOf(conditional.WhenTrue) ?? PointeeOf(conditional.WhenFalse),
        BoundCall call => call.Function.Pointee,
        _ => null,
    };

    private TargetReference Follow(
        string name, TargetLookup lookup, List<BoundExpression> operands, IReadOnlyList<TargetAccessSyntax> accesses)
    {
        SourceSpan? end = null;
        foreach (TargetAccessSyntax access in accesses)
        {
            if (access is PrettyAccessSyntax || lookup.Source is not { } source)
                break;
            end = access.Span;
            string part;
            switch (access)
            {
                case MemberAccessSyntax member:
                    part = $"{name}->{member.Name}";
                    lookup = source.Member(member.Name);
                    break;
                case IndexAccessSyntax { Index: NumberSyntax number }:
                    part = $"{name}[{number.Value}]";
                    lookup = source.Element(new TargetIndex(IsOperand: false, number.Value));
                    break;
                default:
                    part = $"{name}[]";
                    operands.Add(Bind(((IndexAccessSyntax)access).Index, ScriptType.Long));
                    lookup = source.Element(new TargetIndex(IsOperand: true, operands.Count - 1));
                    break;
            }

            if (lookup == TargetLookup.Unknown)
                lookup = TargetLookup.None($"nothing says what {name} holds", Hints.TypesOfTarget);
            name = part;
        }

        return new TargetReference(name, lookup, operands, end);
    }

    /// <summary>The value at a way's end, or its text.</summary>
    private TargetResult ValueOf(ExpressionSyntax expression, TargetReference reference)
    {
        if (reference.Lookup.Source is not { } source)
            return Problem(reference);
        var value = new BoundTarget(expression.Span, reference.Name, source, reference.Operands);
        int depth = DepthOf(expression);
        if (depth == 0)
        {
            return source.WhyNoNumber is { } why
                ? new TargetResult(null, why, $"&{reference.Name} is its address") { Place = reference.End } : new TargetResult(value);
        }

        return Pretty(value, depth) is { } text ? new TargetResult(text) : NeedsTypes(reference.Name);
    }

    private TargetResult ResolveAddress(AddressOfSyntax address)
    {
        if (DepthOf(address.Operand) > 0)
            return new TargetResult(null, "cannot take address of pretty-printed variable") { Place = SpanOf(address.Operand) };
        if (address.Operand is TargetSyntax all && IsContextVariable(all))
            return new TargetResult(null, "cannot take address of context variable") { Place = all.Span };
        if (address.Operand is not (TargetSyntax or AtVarSyntax or AtCastSyntax or AutocastSyntax))
            return new TargetResult(null, "cannot take address", "& is for variables of the traced program, their members and elements");
        TargetReference reference = Reference(address.Operand);
        if (reference.Lookup.Source is not { } source)
            return Problem(reference);
        TargetLookup pointer = source.Address;
        return pointer.Source is { } found
            ? new TargetResult(new BoundTarget(address.Span, $"&{reference.Name}", found, reference.Operands))
            : Problem(reference with
            {
                Name = $"&{reference.Name}",
                End = reference.End ?? SpanOf(address.Operand),
                Lookup = pointer == TargetLookup.Unknown ? TargetLookup.None($"cannot take the address of {reference.Name}") : pointer,
            });
    }

    private static TargetResult Problem(TargetReference reference) => reference.Lookup is { Missing: { } missing } lookup
        ? new TargetResult(null, missing, lookup.Hint) { Place = reference.End }
        : new TargetResult(
            null, $"cannot read target variable '{reference.Name}': {reference.Lookup.Problem}",
            reference.Lookup.Hint ?? $"@defined({reference.Name}) tells a script whether it can be read");

    /// <summary>How deep an expression is to be printed as text: <c>$</c> 1, <c>$$</c> 2; 0 where its value is asked for.</summary>
    private static int DepthOf(ExpressionSyntax expression)
    {
        IReadOnlyList<TargetAccessSyntax> accesses = expression switch
        {
            TargetSyntax target => target.Accesses,
            AtVarSyntax variable => variable.Accesses,
            AtCastSyntax cast => cast.Accesses,
            AutocastSyntax pointer => pointer.Accesses,
            _ => [],
        };
        return accesses is [.., PrettyAccessSyntax pretty] ? pretty.Depth : 0;
    }

    private static string WhatThereIs(string name, ProbeGroup group)
    {
        // Words for people, so that this is no question of the body's.
        List<string> names = [
            .. group.Targets[0].Variables.Where(static variable => variable.Lookup.Source is not null)
            .Select(static variable => "$" + variable.Name)];
        if (names.Count == 0)
            return $"{group.Targets[0].Point} has no target variables";
        string there = $"there {(names.Count == 1 ? "is" : "are")} {string.Join(' ', names)}";
        return Hints.Nearest("$" + name, names) is { } nearest ? $"{nearest} {there}" : there;
    }
}
