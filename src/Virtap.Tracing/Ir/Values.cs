using System.Diagnostics;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Ir;

/// <summary>
/// What an expression of the script comes to: a number or a text. Whoever treats them differently asks with <see cref="Match"/>, which
/// leaves none out. An aggregate is no value: it is a place (<see cref="StatisticLayout"/>) from which numbers are taken.
/// </summary>
public abstract record Value
{
    private protected Value()
    {
    }

    /// <summary>One answer for each family of values.</summary>
    public T Match<T>(Func<LongExpression, T> number, Func<StringExpression, T> text) => this switch
    {
        LongExpression value => number(value),
        StringExpression value => text(value),
        _ => throw new UnreachableException($"{GetType().Name} is no value of the lowered tree"),
    };

    /// <summary>The number that it is, as the binder has made sure.</summary>
    /// <exception cref="InvalidOperationException">It is none.</exception>
    public LongExpression AsNumber() =>
        Match(static number => number, static text => throw new InvalidOperationException($"{text.GetType().Name} is no number"));

    /// <summary>The text that it is, as the binder has made sure.</summary>
    /// <exception cref="InvalidOperationException">It is none.</exception>
    public StringExpression AsText() =>
        Match(static number => throw new InvalidOperationException($"{number.GetType().Name} is no text"), static text => text);
}

/// <summary>Somewhere in memory that a value lives: a word, or a string's slot.</summary>
public abstract record Location;

/// <summary>A local, a parameter or a temporary: <paramref name="Offset"/> bytes into the running handler's context.</summary>
public sealed record ContextSlot(int Offset) : Location;

/// <summary>A global: <paramref name="Offset"/> bytes into memory.</summary>
public sealed record GlobalSlot(int Offset) : Location;

/// <summary>
/// A key or the value of an array's entry, <paramref name="Offset"/> bytes into it. <paramref name="Entry"/> is a memory offset as
/// <see cref="FindEntry"/> gives it; for 0 the field reads as 0 or "".
/// </summary>
public sealed record EntryField(ArrayLayout Array, LongExpression Entry, int Offset) : Location;

/// <summary>
/// The count of one bucket of the histogram that begins at <paramref name="Buckets"/>; that the index is one of its buckets has been made
/// sure.
/// </summary>
public sealed record BucketOf(Location Buckets, LongExpression Index) : Location;
