using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Syntax;

public sealed partial class ScriptPrinter
{
    private void Statement(StatementSyntax statement)
    {
        switch (statement)
        {
            case BlockSyntax block:
                Add("{\n");
                foreach (var inner in block.Statements)
                    Statement(inner);
                Add("}\n");
                break;
            case EmptySyntax:
                Add(";\n");
                break;
            case ExpressionStatementSyntax expression:
                Expression(expression.Expression);
                Add(";\n");
                break;
            case IfSyntax branch:
                Head("if (", branch.Condition);
                Statement(branch.Then);
                if (branch.Else is not null)
                {
                    Add("else ");
                    Statement(branch.Else);
                }
                break;
            case WhileSyntax loop:
                Head("while (", loop.Condition);
                Statement(loop.Body);
                break;
            case ForSyntax loop:
                Add("for (");
                Optional(loop.Initializer);
                Add("; ");
                Optional(loop.Condition);
                Add("; ");
                Optional(loop.Step);
                Add(") ");
                Statement(loop.Body);
                break;
            case ForEachSyntax loop:
                ForEach(loop);
                break;
            case BreakSyntax:
                Add("break;\n");
                break;
            case ContinueSyntax:
                Add("continue;\n");
                break;
            case NextSyntax:
                Add("next;\n");
                break;
            case ReturnSyntax result:
                Add(result.Value is null ? "return" : "return ");
                Optional(result.Value);
                Add(";\n");
                break;
            case DeleteSyntax delete:
                Add("delete ");
                Expression(delete.Target);
                Add(";\n");
                break;
            case TrySyntax attempt:
                Add("try ");
                Statement(attempt.Body);
                Add(attempt.Variable is null ? "catch " : $"catch ({attempt.Variable.Name}) ");
                Statement(attempt.Handler);
                break;
            case EmbeddedStatementSyntax embedded:
                Add("%{").Add(embedded.Code).Add("%};\n");
                break;
        }
    }

    private void Head(string keyword, ExpressionSyntax condition)
    {
        Add(keyword);
        Expression(condition);
        Add(") ");
    }

    private void Optional(ExpressionSyntax? expression)
    {
        if (expression is not null)
            Expression(expression);
    }

    private void ForEach(ForEachSyntax loop)
    {
        Add("foreach (");
        if (loop.Value is not null)
            Add(loop.Value.Name).Add(" = ");
        Add("[");
        for (int i = 0; i < loop.Keys.Count; i++)
        {
            Add(i == 0 ? "" : ", ").Add(loop.Keys[i].Name);
            if (loop.Sort?.Key == i)
                Add(Sign(loop.Sort));
        }
        Add("] in ");
        Expression(loop.Collection);
        if (loop.Slice is not null)
            Keys(loop.Slice);
        if (loop.Sort is { Key: < 0 } sort)
        {
            if (sort.Extractor is { } extractor)
                Add(" ").Add(NameOf(extractor));
            Add(Sign(sort));
        }
        if (loop.Limit is not null)
        {
            Add(" limit ");
            Expression(loop.Limit);
        }
        Add(") ");
        Statement(loop.Body);
    }

    private static string Sign(SortSyntax sort) => sort.Descending ? "-" : "+";
}
