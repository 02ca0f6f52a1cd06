using System.Globalization;
using System.Text;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Syntax;

/// <summary>
/// Writes a tree back as a script, laid out as <c>stap -p1</c> lays it out: every operand of an operator in parentheses, declarations
/// sorted by kind. The script parses to the same tree.
/// </summary>
public sealed partial class ScriptPrinter
{
    private readonly StringBuilder _text = new();

    private ScriptPrinter()
    {
    }

    /// <summary>A file: embedded code, globals, aliases, probes, functions.</summary>
    public static string Print(ScriptSyntax script)
    {
        var printer = new ScriptPrinter();
        printer.Declarations<EmbeddedDeclarationSyntax>(script);
        printer.Declarations<GlobalSyntax>(script);
        printer.Declarations<AliasSyntax>(script);
        printer.Declarations<ProbeSyntax>(script);
        printer.Declarations<FunctionSyntax>(script);
        return printer._text.ToString();
    }

    /// <summary>A declaration with the end of its last line.</summary>
    public static string Print(DeclarationSyntax declaration)
    {
        var printer = new ScriptPrinter();
        printer.Declaration(declaration);
        return printer._text.ToString();
    }

    /// <summary>A statement with the end of its last line.</summary>
    public static string Print(StatementSyntax statement)
    {
        var printer = new ScriptPrinter();
        printer.Statement(statement);
        return printer._text.ToString();
    }

    /// <summary>An expression.</summary>
    public static string Print(ExpressionSyntax expression)
    {
        var printer = new ScriptPrinter();
        printer.Expression(expression);
        return printer._text.ToString();
    }

    /// <summary>A probe point as <c>pp()</c> and <c>-l</c> show it.</summary>
    public static string Print(ProbePointSyntax point)
    {
        var printer = new ScriptPrinter();
        printer.Point(point);
        return printer._text.ToString();
    }

    /// <summary>A function without its body: <c>name:type (parameter:type, …)</c>.</summary>
    public static string Signature(FunctionSyntax function)
    {
        var printer = new ScriptPrinter();
        printer.Head(function);
        return printer._text.ToString();
    }

    /// <summary>An alias without its bodies: <c>name = point, …</c>, or <c>+=</c> where what it adds comes last.</summary>
    public static string Signature(AliasSyntax alias)
    {
        var printer = new ScriptPrinter();
        printer.Head(alias);
        return printer._text.ToString();
    }

    /// <summary>A type as declarations write it behind a name; nothing where it is not known.</summary>
    public static string Annotation(ScriptType type) => type switch
    {
        ScriptType.Long => ":long",
        ScriptType.String => ":string",
        ScriptType.Unknown or ScriptType.Statistics => "",
    };

    private void Declarations<T>(ScriptSyntax script)
        where T : DeclarationSyntax
    {
        foreach (var declaration in script.Declarations)
        {
            if (declaration is T)
                Declaration(declaration);
        }
    }

    private void Declaration(DeclarationSyntax declaration)
    {
        switch (declaration)
        {
            case EmbeddedDeclarationSyntax embedded:
                Add("%{").Add(embedded.Code).Add("%}\n");
                break;
            case GlobalSyntax globals:
                foreach (var global in globals.Declarators)
                    Global(globals.IsPrivate, global);
                break;
            case FunctionSyntax function:
                Function(function);
                break;
            case AliasSyntax alias:
                Add("probe ");
                Head(alias);
                if (alias.Prologue is not null)
                    Statement(alias.Prologue);
                if (alias is { Prologue: not null, Epilogue: not null })
                    Add(",");
                if (alias.Epilogue is not null)
                    Statement(alias.Epilogue);
                break;
            case ProbeSyntax probe:
                Add("probe ");
                List(probe.Points, Point);
                Statement(probe.Body);
                break;
        }
    }

    private void Global(bool isPrivate, GlobalDeclaratorSyntax global)
    {
        Add(isPrivate ? "private global " : "global ").Add(global.Name);
        if (global.Wraps)
            Add("%");
        if (global.Size is { } size)
            Add("[").Add(size).Add("]");
        if (global.Initializer is not null)
        {
            Add(" = ");
            Literal(global.Initializer);
        }
        Add("\n");
    }

    private void Function(FunctionSyntax function)
    {
        Add(function.IsPrivate ? "private function " : "function ");
        Head(function);
        if (function.Priority is { } priority)
            Add(":").Add(priority);
        Add("\n");
        if (function.Body is EmbeddedStatementSyntax embedded)
            Add("%{").Add(embedded.Code).Add("%}\n");
        else
            Statement(function.Body);
    }

    private void Head(FunctionSyntax function)
    {
        Add(function.Name).Add(Annotation(function.ReturnType)).Add(" (");
        List(function.Parameters, parameter => Add(parameter.Name).Add(Annotation(parameter.Type)));
        Add(")");
    }

    private void Head(AliasSyntax alias)
    {
        foreach (var name in alias.Names)
        {
            Point(name);
            Add(alias.Prologue is null ? " += " : " = ");
        }
        List(alias.Points, Point);
    }

    private void Point(ProbePointSyntax point)
    {
        for (int i = 0; i < point.Components.Count; i++)
        {
            var component = point.Components[i];
            Add(i == 0 ? "" : ".").Add(component.Name);
            if (component.Argument is not null)
            {
                Add("(");
                Literal(component.Argument);
                Add(")");
            }
        }
        Add(point.IsSufficient ? "!" : point.IsOptional ? "?" : "");
        if (point.Condition is not null)
        {
            Add(" if (");
            Expression(point.Condition);
            Add(")");
        }
    }

    /// <summary>A string, or a number where the language takes nothing but a number, perhaps with a minus.</summary>
    private void Literal(ExpressionSyntax literal)
    {
        if (literal is NumberSyntax number)
            Add(number.Value);
        else
            Expression(literal);
    }

    private void List<T>(IReadOnlyList<T> items, Action<T> print)
    {
        for (int i = 0; i < items.Count; i++)
        {
            if (i > 0)
                Add(", ");
            print(items[i]);
        }
    }

    private ScriptPrinter Add(string text)
    {
        _text.Append(text);
        return this;
    }

    private ScriptPrinter Add(long number)
    {
        _text.Append(CultureInfo.InvariantCulture, $"{number}");
        return this;
    }
}
