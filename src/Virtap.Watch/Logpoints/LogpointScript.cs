using System.Globalization;
using System.Text;
using Virtap.Binaries.Dwarf;
using Virtap.Binaries.Dwarf.Locations;
using Virtap.Binaries.Types;
using Virtap.Debugging.Locations;
using Virtap.Debugging.Syntax;
using Virtap.Debugging.Values;

namespace Virtap.Watch.Logpoints;

/// <summary>What a hit of a logpoint brings of an expression.</summary>
/// <param name="Type">Its type.</param>
/// <param name="IsMemory">Whether its bytes are copied, <see cref="LogpointScript.Step"/> at a time; else it is a number.</param>
internal sealed record LogpointField(CType Type, bool IsMemory);

/// <summary>
/// A script that reads C expressions at a place, in the kernel, at the instant of the hit: names and members become target variables,
/// structures and arrays are copied as they are.
/// </summary>
/// <param name="logpoint">The place, and what is read there.</param>
internal sealed class LogpointScript(Logpoint logpoint)
{
    /// <summary>More than this is not copied at one hit.</summary>
    private const int MaxBytes = 256;

    private static readonly HashSet<string> s_operators =
        ["+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>", "<", ">", "<=", ">=", "==", "!=", "&&", "||"];

    private readonly CodeLocation _location = logpoint.Location;
    private readonly List<LogpointField> _fields = [];

    /// <summary>What each hit brings, in this order, behind the thread's id, the time in microseconds, and before its name.</summary>
    public IReadOnlyList<LogpointField> Fields => _fields;

    /// <summary>Writes the script.</summary>
    /// <exception cref="LogpointException">An expression is none that the kernel can read.</exception>
    public string Write()
    {
        var format = new StringBuilder("%d %d ");
        var values = new StringBuilder("tid(), gettimeofday_us(), ");
        foreach (string expression in logpoint.Expressions)
        {
            foreach (string number in NumbersOf(expression))
            {
                format.Append("%d ");
                values.Append(number).Append(", ");
            }
        }

        var script = new StringBuilder();
        if (logpoint.Count is not null)
            script.Append("global hits\n");
        script.Append("probe ").Append(logpoint.Point).Append(" {\n");
        // Others run the same program, or have loaded the same library.
        script.Append("  if (pid() != target()) next\n");
        if (logpoint.Condition is { } condition)
            script.Append("  if (!(").Append(Lower(condition).Text).Append(")) next\n");
        if (logpoint.Count is long limit)
            script.Append(CultureInfo.InvariantCulture, $"  if (hits >= {limit}) next\n  hits++\n");
        script.Append("  printf(\"").Append(format).Append("%s%c\", ").Append(values).Append("execname(), 0)\n");
        if (logpoint.Count is long last)
            script.Append(CultureInfo.InvariantCulture, $"  if (hits >= {last}) exit()\n");
        return script.Append("}\n").ToString();
    }

    /// <summary>What reads an expression, number by number; what they are of becomes a field.</summary>
    private IEnumerable<string> NumbersOf(string expression)
    {
        (string value, CType type) = Lower(expression);
        CType plain = type.Underlying;
        bool isMemory = plain is StructureType or ArrayType or FloatingType;
        long size = type.Size ?? 0;
        if (size is <= 0 or > MaxBytes)
        {
            string reason = size <= 0 ? $"what {expression} holds is not known" : $"{expression} takes {size} bytes";
            string hint = string.Create(CultureInfo.InvariantCulture, $"up to {MaxBytes} are copied at a hit: name members of it");
            throw new LogpointException(expression, new ExpressionException(new TextSpan(0, expression.Length), reason, hint));
        }

        _fields.Add(new LogpointField(type, isMemory));
        return isMemory ? Copy(plain is ArrayType ? value : $"&{value}", (int)size) : [value];
    }

    /// <summary>How many bytes of memory a number brings of those that are left: as many as the processor loads at once.</summary>
    public static int Step(int left) => left >= 8 ? 8 : left >= 4 ? 4 : left >= 2 ? 2 : 1;

    /// <summary>What reads memory, number by number.</summary>
    private static IEnumerable<string> Copy(string address, int bytes)
    {
        for (int at = 0, step; at < bytes; at += step)
        {
            step = Step(bytes - at);
            yield return string.Create(CultureInfo.InvariantCulture, $"user_int{step * 8}({address} + {at})");
        }
    }

    private (string Text, CType Type) Lower(string expression)
    {
        try
        {
            return Lower(ExpressionParser.Parse(expression, logpoint.Scope));
        }
        catch (ExpressionException e)
        {
            throw new LogpointException(expression, e);
        }
    }

    private (string Text, CType Type) Lower(ExpressionNode node)
    {
        switch (node)
        {
            case NumberNode number:
                return (number.Value.ToString(CultureInfo.InvariantCulture), number.Type);
            case NameNode { Context: null } name:
                return ($"${name.Name}", TypeOf(name));
            case MemberNode member:
                return Member(member);
            case IndexNode index:
                (string array, CType whole) = Lower(index.Of);
                CType element = whole.Underlying switch
                {
                    ArrayType of => of.Element,
                    PointerType of => of.Target,
                    _ => throw Refuse(node, "only arrays and pointers have elements"),
                };
                return ($"{array}[{Lower(index.Index).Text}]", element);
            case UnaryNode { Operator: "*" } star:
                (string pointer, CType pointing) = Lower(star.Operand);
                if (pointing.Underlying is not PointerType to)
                    throw Refuse(node, "only what a pointer points to can be read");
                return (to.Target.Underlying is ArrayType ? pointer : $"{pointer}[0]", to.Target);
            case UnaryNode { Operator: "&" } of:
                (string value, CType type) = Lower(of.Operand);
                return (type.Underlying is ArrayType ? value : $"&{value}", new PointerType(type));
            case UnaryNode { Operator: "-" or "!" or "~" } sign:
                return ($"({sign.Operator}{Lower(sign.Operand).Text})", BuiltInTypes.Long);
            case BinaryNode binary when s_operators.Contains(binary.Operator):
                return ($"({Lower(binary.Left).Text} {binary.Operator} {Lower(binary.Right).Text})", BuiltInTypes.Long);
            default:
                throw Refuse(node, "this cannot be read in the kernel");
        }
    }

    private (string Text, CType Type) Member(MemberNode node)
    {
        (string text, CType type) = Lower(node.Of);
        CType plain = type.Underlying is PointerType pointer ? pointer.Target.Underlying : type.Underlying;
        if (plain is not StructureType { Definition: { IsKnown: true } definition })
            throw Refuse(node, "it has no members that are known");
        StructureMember member = definition.Find(node.Name)
            ?? throw new ExpressionException(node.NameSpan, $"There is no member named {node.Name}.")
            {
                Fault = ExpressionFault.UnknownMember,
            };
        return ($"{text}->{node.Name}", member.Type);
    }

    private CType TypeOf(NameNode name)
    {
        ulong linked = _location.Address - (_location.Image?.Bias ?? 0);
        if (_location.Function is { } function && function.Find(name.Name, linked) is { } variable)
        {
            return variable.Location is not NoLocation none ? variable.Type
                : throw new ExpressionException(name.Span, $"{name.Name} has no value there: {none.Reason}");
        }

        throw new ExpressionException(
            name.Span, $"No symbol \"{name.Name}\" in current context.",
            _location.Function is null ? "without debug information of the place a script reads what its marks have: virtap run" : null)
        {
            Fault = ExpressionFault.UnknownName,
        };
    }

    private static ExpressionException Refuse(ExpressionNode node, string why) => new(
        node.Span, why, "variables, members, elements, * and &, and arithmetic with them; --stop evaluates all that the prompt does");
}
