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
    private readonly TypeText _types = new(scope.IsCPlusPlus);

    /// <summary>Evaluates an expression and keeps its value.</summary>
    /// <param name="text">The expression.</param>
    /// <param name="options">How it is printed.</param>
    /// <exception cref="ExpressionException">It cannot be read, or has no value.</exception>
    public PrintedValue Print(string text, PrintOptions options)
    {
        ExpressionNode node = ExpressionParser.Parse(text, scope);
        try
        {
            Value value = new Evaluator(scope, _history).Evaluate(node);
            string printed = new ValuePrinter(scope, scope.IsCPlusPlus, options).Print(value);
            _history.Add(value);
            return new PrintedValue(_history.Count, value, _types.Name(value.Type), printed);
        }
        catch (Exception e) when (e is MemoryFaultException or ValueTooLargeException)
        {
            throw new ExpressionException(node.Span, e.Message, reason: e);
        }
    }

    /// <summary>The type of an expression, as gdb's <c>whatis</c> names it: of a typedef what it stands for.</summary>
    /// <param name="text">An expression, or a type.</param>
    /// <exception cref="ExpressionException">It cannot be read, or has no type.</exception>
    public string WhatIs(string text)
    {
        ExpressionNode node = ExpressionParser.Parse(text, scope);
        CType type = new Evaluator(scope, _history).TypeOf(node);
        return _types.Name(node is TypeNode && type is TypedefType { Target: { } target } ? target : type);
    }

    /// <summary>What the type of an expression holds, as gdb's <c>ptype</c> writes it.</summary>
    /// <param name="text">An expression, or a type.</param>
    /// <param name="withOffsets">Whether where its members lie is written too, as by <c>ptype /o</c>.</param>
    /// <exception cref="ExpressionException">It cannot be read, or has no type.</exception>
    public string Define(string text, bool withOffsets)
    {
        CType type = TypeOf(text);
        return withOffsets ? _types.Layout(type) : $"type = {_types.Definition(type)}";
    }

    /// <summary>The type of an expression, or the type that it is.</summary>
    /// <exception cref="ExpressionException">It cannot be read, or has no type.</exception>
    public CType TypeOf(string text) => new Evaluator(scope, _history).TypeOf(ExpressionParser.Parse(text, scope));
}

/// <summary>A value that was printed.</summary>
/// <param name="Number">Its place in the history, from 1.</param>
/// <param name="Value">The value.</param>
/// <param name="Type">Its type's name.</param>
/// <param name="Text">Its text.</param>
public sealed record PrintedValue(int Number, Value Value, string Type, string Text);
