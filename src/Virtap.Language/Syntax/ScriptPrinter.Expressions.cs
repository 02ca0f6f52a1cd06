using System.Globalization;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Syntax;

public sealed partial class ScriptPrinter
{
    private void Expression(ExpressionSyntax expression)
    {
        switch (expression)
        {
            case NumberSyntax number:
                // A minus would be an operator on the number.
                Add(
                    number.Value < 0
                    ? string.Create(CultureInfo.InvariantCulture, $"0x{number.Value:x}")
                    : number.Value.ToString(CultureInfo.InvariantCulture));
                break;
            case StringSyntax text:
                Quoted(text.Value);
                break;
            case NameSyntax name:
                Add(name.Name);
                break;
            case ElementSyntax element:
                Expression(element.Array);
                Keys(element.Keys);
                break;
            case MembershipSyntax membership:
                Keys(membership.Keys);
                Add(" in ");
                Expression(membership.Collection);
                break;
            case UnarySyntax unary:
                Add(unary.Operator.Spelling());
                Operand(unary.Operand);
                break;
            case IncrementSyntax increment:
                Add(increment.IsPrefix ? increment.Operator.Spelling() : "");
                Operand(increment.Operand);
                Add(increment.IsPrefix ? "" : increment.Operator.Spelling());
                break;
            case BinarySyntax { Operator: SyntaxOperator.Match or SyntaxOperator.NotMatch } match:
                // The pattern is a literal of the grammar, not an operand.
                Operand(match.Left);
                Add(" ").Add(match.Operator.Spelling()).Add(" ");
                Expression(match.Right);
                break;
            case BinarySyntax binary:
                Operand(binary.Left);
                Add(" ").Add(binary.Operator.Spelling()).Add(" ");
                Operand(binary.Right);
                break;
            case AssignmentSyntax assignment:
                Operand(assignment.Target);
                Add(" ").Add(assignment.Operator.Spelling());
                Add(assignment.Operator is SyntaxOperator.Assign or SyntaxOperator.Accumulate ? " " : "= ");
                Operand(assignment.Value);
                break;
            case ConditionalSyntax conditional:
                Operand(conditional.Condition);
                Add(" ? ");
                Operand(conditional.WhenTrue);
                Add(" : ");
                Operand(conditional.WhenFalse);
                break;
            case CallSyntax call:
                Add(call.Name).Add("(");
                List(call.Arguments, Expression);
                Add(")");
                break;
            default:
                Operator(expression);
                break;
        }
    }

    /// <summary>What begins with <c>@</c>, <c>$</c>, <c>&amp;</c> or <c>%{</c>.</summary>
    private void Operator(ExpressionSyntax expression)
    {
        switch (expression)
        {
            case ExtractSyntax extract:
                Add(NameOf(extract.Operator)).Add("(");
                Expression(extract.Operand);
                Parameters(extract.Parameters);
                break;
            case HistogramSyntax histogram:
                Add(histogram.IsLinear ? "@hist_linear(" : "@hist_log(");
                Expression(histogram.Operand);
                Parameters(histogram.Parameters);
                break;
            case TargetSyntax target:
                Add("$").Add(target.Name);
                Accesses(target.Accesses);
                break;
            case AtVarSyntax variable:
                Add("@var(");
                Quoted(variable.Name);
                Module(variable.Module);
                Accesses(variable.Accesses);
                break;
            case AtCastSyntax cast:
                Add("@cast(");
                Expression(cast.Operand);
                Add(", ");
                Quoted(cast.Type);
                Module(cast.Module);
                Accesses(cast.Accesses);
                break;
            case AutocastSyntax autocast:
                Operand(autocast.Operand);
                Accesses(autocast.Accesses);
                break;
            case AddressOfSyntax address:
                Add("&");
                // A value's accesses go with its address; anything else needs parentheses.
                if (address.Operand is TargetSyntax or AtVarSyntax or AtCastSyntax or AutocastSyntax)
                    Expression(address.Operand);
                else
                    Operand(address.Operand);
                break;
            case DefinedSyntax defined:
                Add("@defined(");
                Expression(defined.Operand);
                Add(")");
                break;
            case ChooseDefinedSyntax choice:
                Add("@choose_defined(");
                Expression(choice.First);
                Add(", ");
                Expression(choice.Second);
                Add(")");
                break;
            case AtOperatorSyntax named:
                Add("@").Add(named.Name).Add("(");
                List(named.Arguments, named.Name is "uregister" or "kregister" ? Literal : Expression);
                Add(")");
                break;
            case EmbeddedExpressionSyntax embedded:
                Add("%{").Add(embedded.Code).Add("%}");
                break;
        }
    }

    private void Operand(ExpressionSyntax expression)
    {
        Add("(");
        Expression(expression);
        Add(")");
    }

    private void Keys(IReadOnlyList<ExpressionSyntax?> keys)
    {
        Add("[");
        List(keys, key =>
        {
            if (key is null)
                Add("*");
            else
                Expression(key);
        });
        Add("]");
    }

    /// <summary>Numbers behind an operand, and the closing parenthesis.</summary>
    private void Parameters(IReadOnlyList<ExpressionSyntax> parameters)
    {
        foreach (var parameter in parameters)
        {
            Add(", ");
            Literal(parameter);
        }
        Add(")");
    }

    private void Module(string? module)
    {
        if (module is not null)
        {
            Add(", ");
            Quoted(module);
        }
        Add(")");
    }

    private void Accesses(IReadOnlyList<TargetAccessSyntax> accesses)
    {
        foreach (var access in accesses)
        {
            switch (access)
            {
                case MemberAccessSyntax member:
                    Add("->").Add(member.Name);
                    break;
                case IndexAccessSyntax index:
                    Add("[");
                    Expression(index.Index);
                    Add("]");
                    break;
                case PrettyAccessSyntax pretty:
                    Add("->").Add(new string('$', pretty.Depth));
                    break;
            }
        }
    }

    private void Quoted(string value) => Add("\"").Add(Quoting.Escape(value)).Add("\"");

    private static string NameOf(StatisticOperator statistic) => statistic switch
    {
        StatisticOperator.Count => "@count",
        StatisticOperator.Sum => "@sum",
        StatisticOperator.Min => "@min",
        StatisticOperator.Max => "@max",
        StatisticOperator.Average => "@avg",
        _ => "@variance",
    };
}
