using System.Globalization;
using System.Text;
using Virtap.Binaries.Dwarf;
using Virtap.Binaries.Dwarf.Locations;
using Virtap.Binaries.Types;
using Virtap.Cli.Print;
using Virtap.Debugging.Evaluation;
using Virtap.Debugging.Locations;
using Virtap.Debugging.Syntax;
using Virtap.Debugging.Values;
using Virtap.Language;

namespace Virtap.Cli.Logpoints;

/// <summary>What a hit of a logpoint brings of an expression.</summary>
/// <param name="Text">The expression.</param>
/// <param name="Type">Its type.</param>
/// <param name="IsMemory">Whether its bytes are copied, <see cref="LogpointScript.Step"/> at a time; else it is a number.</param>
/// <param name="Format">The letter of <c>/x EXPR</c>; null for the type's own way.</param>
internal sealed record LogpointField(string Text, CType Type, bool IsMemory, char? Format);

/// <summary>
/// A script that reads C expressions at a place, in the kernel, at the instant of the hit: names and members become target variables,
/// structures and arrays are copied as they are.
/// </summary>
/// <param name="location">The place.</param>
/// <param name="scope">What names stand for there.</param>
internal sealed class LogpointScript(CodeLocation location, TargetScope scope)
{
    /// <summary>More than this is not copied at one hit.</summary>
    private const int MaxBytes = 256;

    private static readonly HashSet<string> s_operators =
        ["+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>", "<", ">", "<=", ">=", "==", "!=", "&&", "||"];

    private readonly List<LogpointField> _fields = [];

    /// <summary>The expression that is being written: which one an error is about.</summary>
    public string Current { get; private set; } = "";

    /// <summary>What each hit brings, in this order, behind the thread's id, the time in microseconds, and before its name.</summary>
    public IReadOnlyList<LogpointField> Fields => _fields;

    /// <summary>Writes the script.</summary>
    /// <param name="expressions">What is read.</param>
    /// <param name="condition">What has to be true; null for nothing.</param>
    /// <param name="count">After how many hits it ends; null for never.</param>
    /// <exception cref="ExpressionException">An expression is none that the kernel can read.</exception>
    public string Write(IReadOnlyList<string> expressions, string? condition, long? count)
    {
        var format = new StringBuilder("%d %d ");
        var values = new StringBuilder("tid(), gettimeofday_us(), ");
        foreach (string word in expressions)
        {
            (char? letter, string text) = PrintCommand.SplitFormat(word);
            Current = text;
            (string value, CType type) = Lower(ExpressionParser.Parse(text, scope));
            CType plain = type.Underlying;
            bool isMemory = plain is StructureType or ArrayType or FloatingType;
            long size = type.Size ?? 0;
            if (size is <= 0 or > MaxBytes)
                throw new ExpressionException(
                    new TextSpan(0, text.Length), size <= 0 ? $"what {text} holds is not known" : $"{text} takes {size} bytes",
                    string.Create(CultureInfo.InvariantCulture, $"up to {MaxBytes} are copied at a hit: name members of it"));
            _fields.Add(new LogpointField(word, type, isMemory, letter));
            string address = plain is FloatingType ? $"&{value}" : value;
            foreach (string each in isMemory ? Copy(address, (int)size) : [value])
            {
                format.Append("%d ");
                values.Append(each).Append(", ");
            }
        }

        var script = new StringBuilder();
        Current = condition ?? "";
        if (count is not null)
            script.Append("global hits\n");
        script.Append("probe ").Append(Point()).Append(" {\n");
        if (condition is not null)
            script.Append("  if (!(").Append(Lower(ExpressionParser.Parse(condition, scope)).Text).Append(")) next\n");
        if (count is long limit)
            script.Append(CultureInfo.InvariantCulture, $"  if (hits >= {limit}) next\n  hits++\n");
        script.Append("  printf(\"").Append(format).Append("%s%c\", ").Append(values).Append("execname(), 0)\n");
        if (count is long last)
            script.Append(CultureInfo.InvariantCulture, $"  if (hits >= {last}) exit()\n");
        return script.Append("}\n").ToString();
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

    /// <summary>The probe point: the very address, so that all agree on where it is.</summary>
    private string Point()
    {
        ulong linked = location.Address - (location.Image?.Bias ?? 0);
        string file = Quoting.Escape(location.Image?.Name ?? "");
        return string.Create(CultureInfo.InvariantCulture, $"process(\"{file}\").statement(0x{linked:x})");
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
                return (to.Target.Underlying is StructureType or ArrayType ? pointer : $"{pointer}[0]", to.Target);
            case UnaryNode { Operator: "&" } of:
                (string value, CType type) = Lower(of.Operand);
                return (type.Underlying is StructureType or ArrayType ? value : $"&{value}", new PointerType(type));
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
        ulong linked = location.Address - (location.Image?.Bias ?? 0);
        if (location.Function is { } function && function.Find(name.Name, linked) is { } variable)
        {
            return variable.Location is not NoLocation none ? variable.Type
                : throw new ExpressionException(name.Span, $"{name.Name} has no value there: {none.Reason}");
        }

        throw new ExpressionException(
            name.Span, $"No symbol \"{name.Name}\" in current context.",
            location.Function is null ? "without debug information of the place a script reads what its marks have: virtap run" : null)
        {
            Fault = ExpressionFault.UnknownName,
        };
    }

    private static ExpressionException Refuse(ExpressionNode node, string why) => new(
        node.Span, why, "variables, members, elements, * and &, and arithmetic with them; --stop evaluates all that the prompt does");
}
