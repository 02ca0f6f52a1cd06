using Virtap.Binaries.Types;
using Virtap.Debugging.Evaluation;
using Virtap.Debugging.Printing;
using Virtap.Debugging.Syntax;
using Virtap.Debugging.Values;

namespace Virtap.Debugging;

/// <summary>
/// Expressions one after the other, as at gdb's prompt: what was printed is <c>$1</c>, <c>$2</c> and so on to those that follow.
/// </summary>
/// <param name="scope">What names stand for.</param>
public sealed class ExpressionSession(IEvaluationScope scope)
{
    private readonly List<Value> _history = [];

    /// <summary>What names stand for: another frame's, when another is looked at.</summary>
    public IEvaluationScope Scope { get; set; } = scope;

    private TypeText Types => new(Scope.IsCPlusPlus);

    /// <summary>Evaluates an expression and keeps its value.</summary>
    /// <param name="text">The expression.</param>
    /// <param name="options">How it is printed.</param>
    /// <exception cref="ExpressionException">It cannot be read, or has no value.</exception>
    public PrintedValue Print(string text, PrintOptions options)
    {
        ExpressionNode node = ExpressionParser.Parse(text, Scope);
        try
        {
            Value value = new Evaluator(Scope, _history).Evaluate(node);
            string printed = Text(value, options);
            return Keep(value, printed);
        }
        catch (ValueException e) when (e is not ExpressionException)
        {
            throw new ExpressionException(node.Span, e.Message, reason: e);
        }
    }

    /// <summary>Keeps a value that was found otherwise, as one that was printed.</summary>
    /// <param name="value">The value.</param>
    /// <param name="text">Its text.</param>
    public PrintedValue Keep(Value value, string text)
    {
        _history.Add(value);
        return new PrintedValue(_history.Count, value, Types.Name(value.Type), text);
    }

    /// <summary>The text of a value.</summary>
    /// <exception cref="MemoryFaultException">It cannot be read.</exception>
    /// <exception cref="ValueTooLargeException">It takes more bytes than are read for one.</exception>
    public string Text(Value value, PrintOptions options) => new ValuePrinter(Scope, Scope.IsCPlusPlus, options).Print(value);

    /// <summary>Evaluates an expression, which is not kept.</summary>
    /// <exception cref="ExpressionException">It cannot be read, or has no value.</exception>
    public Value Evaluate(string text) => new Evaluator(Scope, _history).Evaluate(ExpressionParser.Parse(text, Scope));

    /// <summary>The type of an expression, as gdb's <c>whatis</c> names it: of a typedef what it stands for.</summary>
    /// <param name="text">An expression, or a type.</param>
    /// <exception cref="ExpressionException">It cannot be read, or has no type.</exception>
    public string WhatIs(string text)
    {
        ExpressionNode node = ExpressionParser.Parse(text, Scope);
        CType type = new Evaluator(Scope, _history).TypeOf(node);
        return Types.Name(node is TypeNode && type is TypedefType { Target: { } target } ? target : type);
    }

    /// <summary>What the type of an expression holds, as gdb's <c>ptype</c> writes it.</summary>
    /// <param name="text">An expression, or a type.</param>
    /// <param name="withOffsets">Whether where its members lie is written too, as by <c>ptype /o</c>.</param>
    /// <exception cref="ExpressionException">It cannot be read, or has no type.</exception>
    public string Define(string text, bool withOffsets)
    {
        CType type = TypeOf(text);
        return withOffsets ? Types.Layout(type) : $"type = {Types.Definition(type)}";
    }

    /// <summary>The type of an expression, or the type that it is.</summary>
    /// <exception cref="ExpressionException">It cannot be read, or has no type.</exception>
    public CType TypeOf(string text) => new Evaluator(Scope, _history).TypeOf(ExpressionParser.Parse(text, Scope));
}

/// <summary>A value that was printed.</summary>
/// <param name="Number">Its place in the history, from 1.</param>
/// <param name="Value">The value.</param>
/// <param name="Type">Its type's name.</param>
/// <param name="Text">Its text.</param>
public sealed record PrintedValue(int Number, Value Value, string Type, string Text);
